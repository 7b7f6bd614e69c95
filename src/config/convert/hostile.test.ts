import fc from 'fast-check';
import { expect, test } from 'vitest';
import { contextFromJson } from '../context-json.ts';
import { memorySources } from '../gitlab/test-support/memory-sources.ts';
import { readPipeline } from '../read-pipeline.ts';
import { convertPipeline } from './convert-pipeline.ts';

const word = fc.oneof(
  fc.constantFrom(
    'image',
    'pages',
    '.hidden',
    'a: b',
    '# x',
    '- y',
    '$COMMIT_SHA',
    "it's",
    '\ue000A=b\ue001',
    '%',
  ),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.string({
    unit: fc.constantFrom('a', '\n', ' ', '\t', '\r', '"', "'", '\\', '$', '#', ':', '\u2028', '\u0085'),
  }),
);

const step = fc.record(
  {
    name: fc.constantFrom('alpine', 'gcr.io/cloud-builders/docker', 'some/image', 'alpine:$SHORT_SHA'),
    id: word,
    args: fc.array(word, { maxLength: 3 }),
    dir: word,
    env: fc.array(
      word.map((value) => `NAME=${value}`),
      { maxLength: 2 },
    ),
  },
  { requiredKeys: ['name'] },
);

test('whatever the texts of a build are, the new file has its jobs', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 4 }), async (steps) => {
      const { context } = contextFromJson({});
      const file = 'cloudbuild.json';
      const request = { sources: memorySources({ [file]: JSON.stringify({ steps }) }), file, context };
      const conversion = await convertPipeline(await readPipeline(request), request);
      if (conversion === null) return;
      const read = await readPipeline({
        sources: memorySources({ '.gitlab-ci.yml': conversion.text }),
        file: '.gitlab-ci.yml',
        context,
      });
      expect(read.problems, conversion.text).toEqual([]);
      expect(read.plan?.jobs).toHaveLength(steps.length);
    }),
    { numRuns: 300 },
  );
});

test('a build of 300 steps, of which each waits for all before it, is converted at once', async () => {
  const steps = Array.from({ length: 300 }, (_, index) => ({
    name: 'alpine',
    id: `s${index}`,
    args: ['true'],
  }));
  const { context } = contextFromJson({});
  const file = 'cloudbuild.json';
  const request = { sources: memorySources({ [file]: JSON.stringify({ steps }) }), file, context };
  const conversion = await convertPipeline(await readPipeline(request), request);
  expect(conversion?.text.match(/^ {2}needs:\n {4}- s\d+$/gm)).toHaveLength(299);
});
