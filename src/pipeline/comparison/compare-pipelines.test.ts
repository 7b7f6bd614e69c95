import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { comparePipelines, isSame } from './compare-pipelines.ts';
import type { PipelineSheet, Sheet } from './sheet.ts';

function pipeline(
  jobs: Readonly<Record<string, Sheet>>,
  more: Partial<Omit<PipelineSheet, 'jobs'>> = {},
): PipelineSheet {
  return { stages: [], settings: {}, variables: {}, ...more, jobs: new Map(Object.entries(jobs)) };
}

const build = { script: ['make', 'make install'], image: 'gcc' };

describe('comparePipelines', () => {
  it('tells what is new, gone and changed', () => {
    const changes = comparePipelines(
      pipeline({ build, old: { script: ['old'] } }),
      pipeline({ build: { ...build, image: 'clang' }, new: { script: ['new'] } }),
    );
    expect(changes).toMatchObject({
      added: [{ name: 'new', keys: { script: ['new'] } }],
      removed: [{ name: 'old' }],
      renamed: [],
      changed: [
        { names: ['build'], changes: [{ key: 'image', before: 'gcc', after: 'clang', lines: null }] },
      ],
    });
    expect(isSame(changes)).toBe(false);
  });

  it('goes into mappings, and shows lists and long texts line by line', () => {
    const changes = comparePipelines(
      pipeline({ a: { artifacts: { paths: ['x', 'y'], name: 'n' }, script: ['one\ntwo\n'] } }),
      pipeline({
        a: { artifacts: { paths: ['x', 'z'] }, script: ['one\n2\n'], image: { name: 'i', user: 'u' } },
      }),
    );
    expect(changes.changed).toMatchObject([
      {
        names: ['a'],
        changes: [
          {
            key: 'artifacts:paths',
            lines: [
              { kind: 'same', text: 'x' },
              { kind: 'removed', text: 'y' },
              { kind: 'added', text: 'z' },
            ],
          },
          { key: 'artifacts:name', before: 'n', after: null },
          { key: 'script', lines: [{ text: 'one' }, { text: 'two' }, { text: '2' }] },
          { key: 'image:name', before: null, after: 'i' },
          { key: 'image:user', before: null, after: 'u' },
        ],
      },
    ]);
  });

  it('tells once what has changed alike in several jobs', () => {
    const before = { image: 'a', stage: 'test' };
    const after = { image: 'b', stage: 'test' };
    const { changed } = comparePipelines(
      pipeline({ a: before, b: before, c: before, d: before, e: { image: 'x' }, f: { image: 'x' } }),
      pipeline({
        ...{ a: after, b: after, c: { ...after, stage: 'late' }, d: before },
        ...{ e: { image: 'y' }, f: { image: 'y' } },
      }),
    );
    expect(changed.map(({ names, changes }) => [names, changes.map(({ key }) => key)])).toEqual([
      [['a', 'b', 'c'], ['image']],
      [['c'], ['stage']],
      [['e', 'f'], ['image']],
    ]);
  });

  it('does not repeat in the jobs what has changed in the root variables', () => {
    const { variables, changed } = comparePipelines(
      pipeline({ a: { variables: { A: '1', B: '1' } } }, { variables: { A: '1' } }),
      pipeline({ a: { variables: { A: '2', B: '2' } } }, { variables: { A: '2' } }),
    );
    expect(variables).toMatchObject([{ key: 'A', before: '1', after: '2' }]);
    expect(changed).toMatchObject([{ changes: [{ key: 'variables:B' }] }]);
  });

  it('of a pipeline that comes to exist tells the jobs only', () => {
    const one = pipeline({ build }, { stages: ['build'], variables: { A: '1' }, settings: { name: 'n' } });
    expect(comparePipelines(pipeline({}), one)).toEqual({
      ...{ stages: null, settings: [], variables: [], removed: [], renamed: [], changed: [] },
      added: [{ name: 'build', keys: build }],
    });
  });

  it('law: nothing is told exactly when both are the same, and the other way round is the mirror image', () => {
    const value = fc.oneof(
      fc.constantFrom('a', 'b', 'c\nd'),
      fc.array(fc.constantFrom('a', 'b')),
      fc.dictionary(fc.constantFrom('k', 'l', '__proto__'), fc.constantFrom('a', 'b')),
    );
    const sheet = fc.dictionary(fc.constantFrom('script', 'image', 'variables'), value, { maxKeys: 3 });
    const made = fc
      .tuple(
        fc.uniqueArray(fc.constantFrom('j', 'k', 'l', 'm'), { minLength: 1 }),
        fc.array(sheet, { minLength: 4, maxLength: 4 }),
        fc.constantFrom<readonly string[]>([], ['x'], ['x', 'y']),
      )
      .map(([names, sheets, stages]) =>
        pipeline(Object.fromEntries(names.map((name, at) => [name, sheets[at] ?? {}])), { stages }),
      );
    fc.assert(
      fc.property(made, made, (one, other) => {
        const there = comparePipelines(one, other);
        expect(isSame(there)).toBe(canonical(one) === canonical(other));
        const back = comparePipelines(other, one);
        expect(names(back.added)).toEqual(names(there.removed));
        expect(back.renamed.length).toBe(there.renamed.length);
        expect(isSame(comparePipelines(one, one))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

function names(jobs: readonly { readonly name: string }[]): readonly string[] {
  return jobs.map(({ name }) => name).sort();
}

/** Without the order of jobs and keys, and without mappings that hold nothing. */
function canonical({ stages, jobs }: PipelineSheet): string {
  return JSON.stringify([stages, ordered(Object.fromEntries(jobs), 0)]);
}

function ordered(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.entries(value)
    .map(([key, part]) => [key, ordered(part, depth + 1)])
    .filter(([, part]) => depth === 0 || !Array.isArray(part) || part.length > 0)
    .sort();
}

describe('a job that seems to have another name', () => {
  const many = ['npm ci', 'npm run build', 'npm test'];
  it.each<[string, Sheet, Sheet, boolean]>([
    ['does the same', { script: many }, { script: many }, true],
    ['does mostly the same', { script: many }, { script: [...many.slice(0, 2), 'npm run check'] }, true],
    [
      'does something else',
      { script: many, image: 'node' },
      { script: ['npm ci', 'x', 'y'], image: 'node' },
      false,
    ],
    ['triggers the same', { trigger: { project: 'g/p' } }, { trigger: { project: 'g/p' } }, true],
    ['does the same elsewhere', { script: many, image: 'a', stage: 'x' }, { script: many, image: 'b' }, true],
  ])('%s', (_, from, to, expected) => {
    const { renamed, added, removed } = comparePipelines(pipeline({ old: from }), pipeline({ new: to }));
    expect(renamed.map((rename) => [rename.from, rename.to])).toEqual(expected ? [['old', 'new']] : []);
    expect([added.length, removed.length]).toEqual(expected ? [0, 0] : [1, 1]);
  });

  it('is the one that is most alike, and one only', () => {
    const { renamed, added } = comparePipelines(
      pipeline({ 'test: [3.11]': { script: many, image: 'python:3.11' } }),
      pipeline({
        'test: [3.12]': { script: many, image: 'python:3.12', when: 'manual' },
        'test: [3.13]': { script: many, image: 'python:3.11', when: 'on_success' },
      }),
    );
    expect(renamed.map(({ to }) => to)).toEqual(['test: [3.13]']);
    expect(added.map(({ name }) => name)).toEqual(['test: [3.12]']);
  });

  it('is looked for in linear time among thousands', () => {
    const jobs = (prefix: string) =>
      Object.fromEntries(
        Array.from({ length: 5_000 }, (_, at) => [
          `${prefix}${at}`,
          { script: ['npm ci', `npm run task-${at}`, 'exit 0'] },
        ]),
      );
    const { renamed } = comparePipelines(pipeline(jobs('old')), pipeline(jobs('new')));
    expect(renamed).toHaveLength(5_000);
    expect(renamed.every(({ from, to }) => from.slice(3) === to.slice(3))).toBe(true);
  });
});
