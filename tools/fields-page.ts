import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CLOUDBUILD_FIELDS } from '../src/config/cloudbuild/language/find.ts';
import { CODEBUILD_FIELDS } from '../src/config/codebuild/language/find.ts';
import type { FieldFinder, FoundField } from '../src/config/fields/find-field.ts';
import { usedFields } from '../src/config/fields/test-support/used-fields.ts';
import type { Treatment } from '../src/config/gitlab/keywords/keyword.ts';

const MOST_LINKS = 3;

/** docs/reference/cloudbuild.md: every field of a build file, what is done with it, and the cases that show it. */
export function cloudbuildPage(root: string): string {
  return fieldsPage(root, {
    fields: CLOUDBUILD_FIELDS,
    cases: 'src/config/cloudbuild/cases',
    isFile: (name) => name.startsWith('cloudbuild.'),
    title: 'Fields of a cloudbuild.yaml',
    what: 'Every field of a build file of Google Cloud Build and what is done with it.',
    guide: 'cloud-build.md',
    field: 'field',
    problem: 'keyword-not-acted-on',
    others:
      'Names are also taken in snake case, as in `wait_for`. Any other field is an error, as in the service.',
  });
}

/** docs/reference/codebuild.md, the same for buildspecs. */
export function codebuildPage(root: string): string {
  return fieldsPage(root, {
    fields: CODEBUILD_FIELDS,
    cases: 'src/config/codebuild/cases',
    isFile: (name) => name === 'buildspec.yml',
    title: 'Keys of a buildspec.yml',
    what: 'Every key of a buildspec of AWS CodeBuild and what is done with it.',
    guide: 'codebuild.md',
    field: 'key',
    problem: 'buildspec-not-acted-on',
    others:
      '`NAME` stands where a person chooses the key. Any other key makes no difference, as in the service, and is warned of.',
  });
}

interface Page {
  readonly fields: FieldFinder;
  readonly cases: string;
  readonly isFile: (name: string) => boolean;
  readonly title: string;
  readonly what: string;
  readonly guide: string;
  readonly field: string;
  readonly problem: string;
  readonly others: string;
}

function fieldsPage(root: string, page: Page): string {
  const used = readdirSync(join(root, page.cases))
    .sort()
    .map((name) => ({ name, fields: fieldsOfCase(join(root, page.cases, name), page) }));
  const fields = page.fields.all();
  const rows = fields.map((field) => {
    const links = used
      .filter((one) => one.fields.has(field.path))
      .toSorted(
        (a, b) => Number(isRefused(a.name)) - Number(isRefused(b.name)) || a.fields.size - b.fields.size,
      )
      .slice(0, MOST_LINKS)
      .map(({ name }) => `[${name}](../../${page.cases}/${name})`);
    return `| \`${field.path}\` | ${cell(field.field?.text ?? '')} | ${cell(treatmentText(field.treatment))} | ${links.join(', ')} |`;
  });
  return `${head(fields, page)}
| ${page.field} | what it means | here | shown by |
| --- | --- | --- | --- |
${rows.join('\n')}
`;
}

function head(fields: readonly FoundField[], page: Page): string {
  const count = (kind: Treatment['kind']) => fields.filter(({ treatment }) => treatment.kind === kind).length;
  return `# ${page.title}

${page.what} Written by \`make docs\` from the table that the
files are read with; do not edit it here. The [guide](../guides/${page.guide}) tells how they work together. Of ${fields.length}
${page.field}s

- ${count('honoured')} are **honoured**, but for the remark that may follow;
- ${count('no-difference')} **make no difference**: they are accepted, and on one machine a build does the same without them;
- ${count('not-acted-on')} are **not acted on**: they are accepted, but something would happen in the service that does not happen
  here. Reading the file warns of each, with [\`${page.problem}\`](../errors.md#${page.problem}).

${page.others}
`;
}

function fieldsOfCase(folder: string, { fields, isFile }: Page): ReadonlySet<string> {
  const file = readdirSync(folder).find(isFile);
  return file === undefined ? new Set() : usedFields(readFileSync(join(folder, file), 'utf8'), fields);
}

function isRefused(name: string): boolean {
  return name.includes('-error-');
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

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
