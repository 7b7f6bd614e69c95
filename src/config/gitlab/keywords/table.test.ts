import { describe, expect, it, test } from 'vitest';
import type { Problem } from '../../../base/problem.ts';
import { parseDocuments } from '../../document/index.ts';
import { readIncludes } from '../include/include-statement.ts';
import { readPipeline } from '../read-pipeline.ts';
import { memorySources } from '../test-support/memory-sources.ts';
import { readText } from '../test-support/read-text.ts';
import { contextOf } from '../test-support/read-yaml.ts';
import { keywordPaths } from './shapes.ts';
import { describedPath, KEYWORDS, SAME_BELOW, treatmentOf } from './table.ts';

const paths = [...keywordPaths()];

describe('the keywords that are read, and what is said about them', () => {
  it('each keyword has a text', () => {
    expect(paths.filter((path) => describedPath(path) === null)).toEqual([]);
  });

  it('there is no text without a keyword', () => {
    const known = new Set(paths);
    expect(Object.keys(KEYWORDS).filter((path) => !known.has(path))).toEqual([]);
  });

  it('keywords that are the same as others are such that have no text of their own', () => {
    const borrowing = paths.filter((path) => describedPath(path) !== path);
    const idle = Object.keys(SAME_BELOW).filter(
      (same) => !borrowing.some((path) => path.startsWith(`${same}:`)),
    );
    expect(idle).toEqual([]);
  });

  test.each(Object.entries(KEYWORDS))('%s is said in whole sentences', (_, { text, treatment }) => {
    const why = treatment === undefined ? [] : 'why' in treatment ? [treatment.why] : [treatment.remark];
    for (const part of [text, ...why]) expect(part).toMatch(/^[`A-Z].*\.$/);
    expect(text.length).toBeLessThan(340);
  });
});

const examples = Object.entries(KEYWORDS).flatMap(([path, { example }]) =>
  example === undefined ? [] : [[path, example] as const],
);

describe('the examples', () => {
  test.each(examples)('of %s has the keyword, and is read', async (path, example) => {
    for (const name of path.split(':').filter((part) => part !== 'NAME' && part !== 'job')) {
      expect(example).toContain(`${name}`);
    }
    const problems = path.startsWith('include')
      ? includeProblems(example)
      : await pipelineProblems(path, example);
    const errors = problems.filter((problem) => !problem.includes('warning'));
    expect(errors).toEqual([]);
  });
});

/** Files that are included are not here: what is looked at is how they are asked for. */
function includeProblems(example: string): readonly string[] {
  const [document] = parseDocuments({ name: 'example', text: example }).documents;
  const value = document?.kind === 'mapping' ? document.entries.get('include')?.value : undefined;
  if (value === undefined) throw new Error('the example includes nothing');
  const problems: Problem[] = [];
  readIncludes(value, problems);
  return problems.map(({ message }) => message);
}

/** The first example of `spec:inputs` has one without a default. */
async function pipelineProblems(path: string, example: string): Promise<readonly string[]> {
  const inputs = path === 'spec:inputs' ? { environment: 'staging' } : {};
  return (await readText(wholeFile(path, example), {}, { inputs })).problems;
}

function wholeFile(path: string, example: string): string {
  if (path === 'job') return example;
  if (path.startsWith('spec')) return `${example}\n---\nj: {script: x}\n`;
  if (!path.startsWith('job:')) return `${example}\nj: {script: x}\n`;
  const script = /^(script|run|trigger):/m.test(example) ? '' : '  script: [x]\n';
  return `.node: {stage: test}\n.cached: {stage: test}\nj:\n${script}${example.replaceAll(/^/gm, '  ')}\n`;
}

const unacted = paths.filter((path) => {
  const treatment = treatmentOf(path);
  return treatment.kind === 'not-acted-on' && describedPath(path) === path;
});

describe('a keyword that is not acted on', () => {
  const shown = unacted.filter((path) => path.startsWith('job:') && KEYWORDS[path]?.example !== undefined);

  test.each(shown)('%s is warned about', async (path) => {
    const { example = '', treatment } = KEYWORDS[path] ?? {};
    const code = treatment?.kind === 'not-acted-on' ? treatment.problem : undefined;
    const sources = memorySources({ '.gitlab-ci.yml': wholeFile(path, example) });
    const { problems } = await readPipeline({ sources, file: '.gitlab-ci.yml', context: contextOf() });
    const warning = { code: code ?? 'keyword-not-acted-on', severity: 'warning' };
    expect(problems).toContainEqual(expect.objectContaining(warning));
  });

  it('is warned about once where all jobs have it', async () => {
    const jobs = ['a', 'b', 'c'].map(
      (name) => `${name}: {script: x, environment: {name: ${name}, auto_stop_in: 1 day}}`,
    );
    expect((await readText(jobs.join('\n'))).problems).toHaveLength(1);
  });

  test.each(['default: {id_tokens: {T: {aud: x}}}', 'services: [{name: x, kubernetes: {user: "1"}}]'])(
    'is warned about where it stands for all jobs: %s',
    async (setting) => {
      const { problems } = await readText(`${setting}\na: {script: x}`);
      expect(problems).toEqual([expect.stringMatching(/^1:\d+ warning .* has no effect in a local run$/)]);
    },
  );

  it('says no more than what is wrong where it is written wrongly', async () => {
    const { problems } = await readText('a: {script: x, secrets: 5}');
    expect(problems).toEqual([expect.not.stringContaining('warning')]);
  });
});
