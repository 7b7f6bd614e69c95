import { expect, test } from 'vitest';
import { describePipeline } from './describe.ts';
import { lintReport } from './lint-report.ts';
import { readPipeline } from './read-pipeline.ts';
import { memorySources } from './test-support/memory-sources.ts';
import { contextOf } from './test-support/read-yaml.ts';

async function read(text: string) {
  const file = '.gitlab-ci.yml';
  const context = contextOf();
  const reading = await readPipeline({ sources: memorySources({ [file]: text }), file, context });
  return { reading, file, context };
}

function jobs(count: number, text: string): string {
  return Array.from({ length: count }, (_, index) => `j${index}: {script: x${text}}\n`).join('');
}

test('what jobs share is not written out until the memory is full', async () => {
  const shared = `default: {before_script: ["${'x'.repeat(100_000)}"]}\n`;
  const { reading, file, context } = await read(`${shared}${jobs(1_400, '')}`);
  expect(reading.outcome).toBe('created');
  const refusal = expect.objectContaining({ code: 'json-too-large' });
  expect(() => describePipeline(reading)).toThrow(refusal);
  expect(() => lintReport({ reading, file, context, isStatic: false })).toThrow(refusal);
  expect(() => lintReport({ reading, file, context, isStatic: true })).toThrow(refusal);
});

test('jobs that each have a copy of all variables are counted', async () => {
  const keys = Array.from({ length: 4_000 }, (_, index) => `A${index}: x`).join(', ');
  const { reading } = await read(`variables: {${keys}}\n${jobs(510, ', variables: {B: c}')}`);
  expect(reading.problems.map(({ message, place }) => `${place?.line} ${message}`)).toEqual([
    '501 All jobs together have too many variables: more than 2000000 at j499',
  ]);
  expect((await read(`variables: {${keys}}\n${jobs(510, '')}`)).reading.outcome).toBe('created');
});
