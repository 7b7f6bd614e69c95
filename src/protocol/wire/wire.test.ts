import fc from 'fast-check';
import { Compile } from 'typebox/compile';
import { describe, expect, test } from 'vitest';
import type { JobSpec } from '../job-spec.ts';
import { artifactFormat } from './artifact-format.ts';
import { finalCacheKey } from './cache-keys.ts';
import { fromWire } from './from-wire.ts';
import { WireJob } from './job-schema.ts';
import { missingFeatures, requiredFeatures } from './required-features.ts';
import { toWire } from './to-wire.ts';

const isWireJob = Compile(WireJob);

describe('a job on the wire', () => {
  test('comes back with all that a runner must know', () => {
    fc.assert(
      fc.property(jobs(), (spec) => {
        const wire = written(spec);
        const sent: unknown = JSON.parse(JSON.stringify(wire));
        if (!isWireJob.Check(sent)) throw new Error('does not follow its own schema');
        expect(fromWire(sent).spec).toEqual(spec);
      }),
    );
  });

  test('holds no list that is null, because old runners stop at one', () => {
    const { services, artifacts, cache, dependencies, credentials, steps, variables } = written(PLAIN);
    for (const list of [services, artifacts, cache, dependencies, credentials, steps, variables])
      expect(Array.isArray(list)).toBe(true);
  });

  test('is refused when it has a step that this runner does not know', () => {
    const wire = written(PLAIN);
    const steps = wire.steps.map((step) => ({ ...step, name: 'release' }));
    expect(() => fromWire({ ...wire, steps })).toThrow('"release"');
  });

  test.each([
    ['archive', 'zip'],
    ['lsif', 'zip'],
    ['junit', 'gzip'],
    ['dotenv', 'gzip'],
    ['coverage_report', 'gzip'],
    ['sast', 'raw'],
  ])('sends %s as %s', (type, format) => expect(artifactFormat(type)).toBe(format));

  test.each([
    [{ isProtected: true, unprotect: false }, 'k-protected'],
    [{ isProtected: true, unprotect: true }, 'k-non_protected'],
    [{ isProtected: false, unprotect: false }, 'k-non_protected'],
  ])('keeps the caches of protected refs apart: %j', (scope, key) =>
    expect(finalCacheKey('k', scope)).toBe(key),
  );
});

describe('what a runner must be able to do', () => {
  test.each<[string, Partial<JobSpec>, readonly string[]]>([
    ['command', { command: { program: null, arguments: ['-v'] } }, ['slipway_steps']],
    [
      'sharedWorkspace',
      { sharedWorkspace: { name: 'w', path: '/w', folder: '.' } },
      ['slipway_steps', 'slipway_place'],
    ],
    ['volumes', { volumes: [{ name: 'v', path: '/v' }] }, ['slipway_steps', 'slipway_place']],
  ])('no official runner gets a job with a %s', (_name, part, missing) => {
    const required = requiredFeatures({ ...PLAIN, ...part }, false);
    expect(missingFeatures(required, { variables: true })).toEqual(missing);
  });

  test("a feature counts only when it is the runner's own and true", () => {
    expect(missingFeatures(['toString', 'cache'], { cache: 'yes' })).toEqual(['toString', 'cache']);
  });
});

const PLAIN: JobSpec = {
  id: 7,
  name: 'build',
  stage: 'test',
  pipelineId: 3,
  projectPath: 'group/app',
  git: { sha: 'a'.repeat(40), ref: 'main', refKind: 'branch' },
  variables: [],
  preGetSourcesScript: [],
  script: ['true'],
  afterScript: [],
  image: null,
  services: [],
  caches: [],
  artifacts: [],
  dependencies: [],
  timeoutSeconds: 60,
  coverage: null,
  environment: null,
};

function written(spec: JobSpec) {
  return toWire(spec, {
    token: 'glcbt-x',
    project: { id: 1, name: 'app' },
    git: {
      url: 'http://host/app.git',
      beforeSha: '0'.repeat(40),
      refspecs: [],
      depth: 20,
      isProtected: false,
      fetch: true,
    },
    cacheKeys: spec.caches.map(({ key, fallbackKeys }) => ({
      key: key.kind === 'text' ? key.text : '',
      fallbackKeys,
    })),
    place: null,
    archive: () => ({ fileName: 'artifacts.zip', bytes: 1 }),
  });
}

function jobs(): fc.Arbitrary<JobSpec> {
  const texts = fc.array(fc.string(), { maxLength: 3 });
  const when = fc.constantFrom('on_success' as const, 'on_failure' as const, 'always' as const);
  const orNull = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
  const variable = fc.record({
    key: fc.string(),
    value: fc.string(),
    file: fc.boolean(),
    masked: fc.boolean(),
    raw: fc.boolean(),
  });
  const image = {
    name: fc.string(),
    entrypoint: orNull(texts),
    pullPolicy: fc.array(fc.constantFrom('always' as const, 'never' as const), { maxLength: 2 }),
    platform: orNull(fc.string()),
    user: orNull(fc.string()),
  };
  const alias = fc.stringMatching(/^[a-z0-9.-]+$/);
  return fc.record({
    id: fc.nat(),
    name: fc.string(),
    stage: fc.string(),
    pipelineId: fc.nat(),
    projectPath: fc.string(),
    git: fc.record({
      sha: fc.string(),
      ref: fc.string(),
      refKind: fc.constantFrom('branch' as const, 'tag' as const),
    }),
    variables: fc.array(variable, { maxLength: 3 }),
    preGetSourcesScript: texts,
    script: texts,
    afterScript: texts,
    image: orNull(fc.record(image)),
    services: fc.array(
      fc.record({
        ...image,
        aliases: fc.array(alias, { maxLength: 2 }),
        command: orNull(texts),
        variables: fc.array(variable, { maxLength: 1 }),
      }),
      { maxLength: 2 },
    ),
    caches: fc.array(
      fc.record({
        key: fc.string().map((text) => ({ kind: 'text' as const, text })),
        paths: texts,
        untracked: fc.boolean(),
        policy: fc.string(),
        when,
        fallbackKeys: texts,
      }),
      { maxLength: 2 },
    ),
    artifacts: fc.array(
      fc.record({
        type: fc.constantFrom('archive', 'junit', 'sast'),
        name: orNull(fc.string()),
        paths: texts,
        exclude: texts,
        untracked: fc.boolean(),
        when,
        expireIn: orNull(fc.string()),
      }),
      { maxLength: 2 },
    ),
    dependencies: fc.array(fc.record({ id: fc.nat(), name: fc.string() }), { maxLength: 2 }),
    timeoutSeconds: fc.nat(),
    coverage: fc.constant(null),
    environment: fc.constant(null),
  });
}
