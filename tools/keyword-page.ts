import { basename } from 'node:path';
import type { Treatment } from '../src/config/gitlab/keywords/keyword.ts';
import { ANY_NAME, keywordPaths } from '../src/config/gitlab/keywords/shapes.ts';
import { describedPath, keywordAt, SAME_BELOW, treatmentOf } from '../src/config/gitlab/keywords/table.ts';
import { casesOf, type KeywordCase, linkTo } from './keyword-cases.ts';

/** docs/reference/keywords.md: every keyword, what a local run does with it, and the cases that show it. */
export function keywordPage(cases: readonly KeywordCase[]): string {
  const listed = listedKeywords();
  const sections = sectionsOf(listed).map(({ title, paths }) => {
    const rows = paths.map((path) => row(path, casesOf(path, cases)));
    return `${title}\n\n| keyword | what it means | in a local run | shown by |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`;
  });
  return [head(listed), ...sections, sameTable()].join('\n');
}

/** The keywords that the page lists: those with a text of their own, and each that `default` takes. */
export function listedKeywords(): readonly string[] {
  return [...keywordPaths()].filter((path) => describedPath(path) === path || /^default:[^:]+$/.test(path));
}

function head(listed: readonly string[]): string {
  const kinds = Map.groupBy(listed, (path) => treatmentOf(path).kind);
  const count = (kind: Treatment['kind']) => kinds.get(kind)?.length ?? 0;
  return `# Keywords

Every keyword of the language, what a local run does with it, and cases of the tests that use it. Written by \`make docs\`
from the code that reads pipeline files; do not edit it here. Of ${listed.length} keywords

- ${count('honoured')} are **honoured**: a local run does what GitLab does, but for the remark that may follow;
- ${count('no-difference')} **make no difference**: they are accepted, and on one machine a job does the same without them;
- ${count('not-acted-on')} are **not acted on**: they are accepted and kept in the plan, but something would happen in GitLab that does
  not happen here. Reading the file warns of each, with [\`keyword-not-acted-on\`](../errors.md#keyword-not-acted-on) where no
  other warning says more.

A path names a keyword with those it stands below. \`NAME\` is a key that you choose; items of lists have no part in a path.
Of the cases the plainest are linked; those in [cases](../../src/config/gitlab/cases) are files with what their pipeline
must be, those in [test/run](../../test/run/cases) are run.
`;
}

interface Section {
  readonly title: string;
  readonly paths: readonly string[];
}

/** A section for each keyword that has some below it; the others are together in the one above. */
function sectionsOf(listed: readonly string[]): readonly Section[] {
  const named = (path: string) => path.replaceAll(`:${ANY_NAME}`, '');
  const children = Map.groupBy(listed, (path) => named(path).replace(/:?[^:]*$/, ''));
  const groups = Map.groupBy(listed, (path) => {
    const parts = named(path).split(':');
    for (let depth = parts.length; depth > 0; depth--) {
      const above = parts.slice(0, depth).join(':');
      if ((children.get(above)?.length ?? 0) >= (depth <= 2 ? 3 : 10)) return above;
    }
    return '';
  });
  const roots = [...groups.keys()].filter((name) => !name.startsWith('job')).sort();
  const jobs = [...groups.keys()].filter((name) => name.startsWith('job')).sort();
  return [...roots.filter((name) => name !== ''), '', ...jobs].map((name) => ({
    title: titleOf(name),
    paths: (groups.get(name) ?? []).toSorted(),
  }));
}

function titleOf(section: string): string {
  if (section === '') return '## Other keywords at the root';
  if (section === 'job') return '## Jobs';
  return section.startsWith('job:') ? `### \`${shown(section)}\`` : `## \`${section}\``;
}

function row(path: string, cases: readonly KeywordCase[]): string {
  const meaning =
    describedPath(path) === path
      ? (keywordAt(path)?.text ?? '')
      : `As \`${path.replace('default:', '')}\` of a job.`;
  const links = mostTelling(cases).map(({ folder }) => `[${basename(folder)}](${linkTo(folder)})`);
  return `| \`${shown(path)}\` | ${cell(meaning)} | ${cell(treatmentText(treatmentOf(path)))} | ${links.join(', ')} |`;
}

/** Three, and one that is run if there is one: it shows more than what the file is read as. */
function mostTelling(cases: readonly KeywordCase[]): readonly KeywordCase[] {
  const run = cases.find(({ folder }) => folder.startsWith('test/run/'));
  return [...(run === undefined ? [] : [run]), ...cases.filter((one) => one !== run)].slice(0, MOST_LINKS);
}

const MOST_LINKS = 3;

function shown(path: string): string {
  return path === 'job' ? 'any other key' : path.replace(/^job:/, '');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

function treatmentText(treatment: Treatment): string {
  switch (treatment.kind) {
    case 'honoured':
      return treatment.remark === undefined ? 'honoured' : `honoured. ${treatment.remark}`;
    case 'no-difference':
      return `makes no difference. ${treatment.why}`;
    case 'not-acted-on':
      return `**not acted on.** ${treatment.why}`;
  }
}

function sameTable(): string {
  const rows = Object.entries(SAME_BELOW).map(
    ([path, same]) => `| \`${shown(path)}\` | \`${shown(same)}\` |`,
  );
  return `## The same elsewhere

What stands below these keywords means the same in both places, but for what the tables above say of the first.

| below | as below |
| --- | --- |
${rows.join('\n')}
`;
}
