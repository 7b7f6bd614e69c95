import fc from 'fast-check';
import { expect, test } from 'vitest';
import { contextFromJson } from '../context-json.ts';
import { memorySources } from '../gitlab/test-support/memory-sources.ts';
import { readPipeline } from '../read-pipeline.ts';
import { convertPipeline } from './convert-pipeline.ts';
import { convertAndCompare } from './test-support/plan-differences.ts';

/** What YAML, shells, GitLab and the conversion itself take for something else. */
const WORDS = [
  ...[
    'image',
    'pages',
    'default',
    'stages',
    '.hidden',
    '---',
    '...',
    '<<',
    '=',
    '~',
    'null',
    'yes',
    '017',
    '0x1F',
  ],
  ...[
    '2001-01-01',
    '1_000',
    'a: b',
    '# x',
    ' #y',
    '- y',
    '? x',
    '@x',
    '%',
    '&a',
    '*a',
    '!reference [a]',
    '|',
    '>-',
  ],
  ...[
    '{a}',
    '[b]',
    '$COMMIT_SHA',
    '$$HOME',
    '$${X}',
    '${CI}',
    '$[[ inputs.x ]]',
    '$CI_JOB_NAME',
    '$',
    'a$',
    '$$',
  ],
  ...["it's", '"q"', '\\', '\\n', '`date`', '$(id)', '%{x}', 'a/b', '-', ' lead', 'trail ', 'a  b', '\ttab'],
  ...[
    '\n',
    'x\ny',
    'x\n\n  y\n',
    'trail \n\n',
    'a\r\nb',
    '\u2028',
    '\u0085',
    '\ue000A=b\ue001',
    'é密🔑',
    'x'.repeat(3000),
  ],
] as const;

const text = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...WORDS) },
  fc.array(fc.constantFrom(...WORDS), { maxLength: 3 }).map((words) => words.join('')),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
);
const texts = fc.array(text, { maxLength: 3 });
const name = fc.constantFrom('A', 'B_2', 'WHO', 'CI_X', 'HOME', 'image');

const step = fc
  .record(
    {
      name: fc.constantFrom(
        'alpine',
        'gcr.io/cloud-builders/docker',
        'some/image',
        'alpine:$SHORT_SHA',
        'node:20',
      ),
      id: text,
      runs: fc.oneof(
        fc.record({ script: text }),
        fc.record(
          { args: texts, entrypoint: fc.oneof(fc.constantFrom('bash', 'sh'), text) },
          { requiredKeys: [] },
        ),
      ),
      dir: text,
      env: fc
        .dictionary(name, text, { maxKeys: 2 })
        .map((env) => Object.entries(env).map((pair) => pair.join('='))),
      timeout: fc.constantFrom('1s', '90s', '3600s', '10.5s'),
      allowFailure: fc.boolean(),
      allowExitCodes: fc.array(fc.integer({ min: 1, max: 255 }), { maxLength: 3 }),
      waitFor: fc.constant(['-']),
      volumes: fc.constant([{ name: 'v', path: '/v' }]),
    },
    { requiredKeys: ['name'] },
  )
  .map(({ runs, ...others }) => ({ ...others, ...runs }));

const build = fc.record(
  {
    steps: fc.array(step, { minLength: 1, maxLength: 4 }),
    images: texts,
    artifacts: fc.record({ objects: fc.record({ location: fc.constant('gs://b/'), paths: fc.tuple(text) }) }),
    options: fc.record(
      {
        env: fc.tuple(text.map((value) => `EVERYWHERE=${value}`)),
        dynamicSubstitutions: fc.boolean(),
        automapSubstitutions: fc.boolean(),
        substitutionOption: fc.constant('ALLOW_LOOSE'),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: ['steps'] },
);

const phase = fc.record(
  {
    commands: fc.array(text, { minLength: 1, maxLength: 3 }),
    finally: texts,
    'on-failure': fc.constantFrom('ABORT', 'CONTINUE', 'RETRY', 'RETRY-2'),
  },
  { requiredKeys: ['commands'] },
);

const report = fc.record(
  {
    files: fc.tuple(text),
    'file-format': fc.constantFrom('JUNITXML', 'COBERTURAXML', 'JACOCOXML', 'CUCUMBERJSON'),
  },
  { requiredKeys: ['files'] },
);

const buildspec = fc.record(
  {
    version: fc.constantFrom('0.1', '0.2'),
    env: fc.record(
      {
        variables: fc.dictionary(name, text, { maxKeys: 3 }),
        shell: fc.constantFrom('bash', 'sh'),
        'exported-variables': fc.constant(['A']),
        'parameter-store': fc.constant({ P: '/p' }),
      },
      { requiredKeys: [] },
    ),
    phases: fc.record(
      { install: phase, pre_build: phase, build: phase, post_build: phase },
      { requiredKeys: ['build'] },
    ),
    artifacts: fc.record(
      {
        files: fc.array(text, { minLength: 1, maxLength: 3 }),
        name: text,
        'base-directory': text,
        'exclude-paths': texts,
        'discard-paths': fc.constantFrom('yes', 'no'),
      },
      { requiredKeys: ['files'] },
    ),
    cache: fc.record({ paths: texts, key: text, 'fallback-keys': texts }, { requiredKeys: ['paths'] }),
    reports: fc.dictionary(fc.constantFrom('r', 's'), report),
    batch: fc.constantFrom(
      {
        'build-list': [
          { identifier: 'one' },
          { identifier: 'two', env: { image: 'x', variables: { A: 'b$c' } } },
        ],
      },
      { 'build-matrix': { dynamic: { env: { variables: { M: ['1', '2'] } } } } },
      {
        'build-graph': [{ identifier: 'a' }, { identifier: 'b', 'depend-on': ['a'], 'ignore-failure': true }],
      },
    ),
  },
  { requiredKeys: ['version', 'phases'] },
);

test.each([
  { file: 'cloudbuild.json', files: build, numRuns: 200 },
  { file: 'buildspec.yml', files: buildspec, numRuns: 200 },
])('whatever the texts of a $file are, the new file plans the same', async ({ file, files, numRuns }) => {
  const { context } = contextFromJson({ project_path: 'group/project' });
  let planned = 0;
  await fc.assert(
    fc.asyncProperty(files, async (content) => {
      const sources = memorySources({ [file]: JSON.stringify(content) });
      const compared = await convertAndCompare({ sources, file, context });
      if (compared === null) return;
      planned += 1;
      expect(compared.differences, compared.conversion.text).toEqual([]);
    }),
    { numRuns },
  );
  // Most texts are wrong in one place or another; what is compared must be some.
  expect(planned).toBeGreaterThan(numRuns / 10);
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
