import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { PullPolicy } from '../../src/pipeline/index.ts';
import type { World } from './docker-world.ts';
import {
  BASE_IMAGE,
  buildImage,
  createWorld,
  docker,
  image,
  leftovers,
  requireEngine,
  service,
  variable,
} from './docker-world.ts';
import type { LocalRegistry } from './local-registry.ts';
import { REGISTRY_PASSWORD, REGISTRY_USER, startRegistry } from './local-registry.ts';

let world: World;
let registry: LocalRegistry;
let name: string;
let authConfig: string;

beforeAll(async () => {
  await requireEngine();
  registry = await startRegistry();
  name = `${registry.host}/group/tool:1`;
  await buildImage('slipway-test/published', 'RUN echo published > /version');
  await registry.publish('slipway-test/published', name);
  const auth = Buffer.from(`${REGISTRY_USER}:${REGISTRY_PASSWORD}`).toString('base64');
  authConfig = JSON.stringify({ auths: { [registry.host]: { auth } } });
  world = await createWorld();
});

afterEach(async () => {
  await docker('rmi', '--force', name).catch(() => 'not there');
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await registry[Symbol.asyncDispose]();
  expect(await leftovers(world.runId)).toEqual([]);
});

const withLogin = () => [variable('DOCKER_AUTH_CONFIG', authConfig, { masked: true })];

function runWith(...pullPolicy: readonly PullPolicy[]) {
  const job = { image: image(name, { pullPolicy }), variables: withLogin() };
  return world.runJob(job, 'cat /version');
}

describe('an image that only the registry has', () => {
  it.each<{ policies: PullPolicy[] }>([
    { policies: [] },
    { policies: ['always'] },
    { policies: ['if-not-present'] },
    { policies: ['never', 'always'] },
  ])('is pulled under $policies', async ({ policies }) => {
    expect((await runWith(...policies)).output).toBe('published\n');
  });

  it('is not pulled under "never", and the error says so', async () => {
    await expect(runWith('never')).rejects.toMatchObject({
      code: 'image-pull-failed',
      message: expect.stringMatching(/group\/tool:1.*"never" forbids pulling/),
    });
  });

  it('serves as a service too', async () => {
    const job = { services: [service(name, { command: ['sleep', '100'] })], variables: withLogin() };
    expect(await world.runJob(job, 'exit 0')).toMatchObject({ exitCode: 0 });
  });
});

describe('an image that both have, in two versions', () => {
  it.each<{ policies: PullPolicy[]; version: string }>([
    { policies: ['always'], version: 'published' },
    { policies: ['if-not-present'], version: 'local' },
    { policies: ['never'], version: 'local' },
    { policies: ['always', 'if-not-present'], version: 'published' },
  ])('is the $version one under $policies', async ({ policies, version }) => {
    await buildImage(name, 'RUN echo local > /version');
    expect((await runWith(...policies)).output).toBe(`${version}\n`);
  });
});

describe('an image whose registry does not answer', () => {
  const unreachable = '127.0.0.1:1/group/tool:1';

  it('fails under "always" with the engine’s words', async () => {
    await docker('tag', BASE_IMAGE, unreachable);
    await expect(
      world.runJob({ image: image(unreachable, { pullPolicy: ['always'] }) }, ':'),
    ).rejects.toMatchObject({
      code: 'image-pull-failed',
      message: expect.stringMatching(/127\.0\.0\.1:1\/group\/tool:1: .*connection refused/),
      hint: expect.stringContaining('pull_policy: if-not-present'),
    });
  });

  it('is the local one under "always" followed by "if-not-present", with a warning', async () => {
    await docker('tag', BASE_IMAGE, unreachable);
    const job = { image: image(unreachable, { pullPolicy: ['always', 'if-not-present'] }) };
    const { exitCode, preparation } = await world.runJob(job, 'exit 6');
    expect(exitCode).toBe(6);
    expect(preparation).toContain('Trying pull policy "if-not-present".');
    await docker('rmi', unreachable);
  });
});

describe('credentials', () => {
  const job = () => ({ image: image(name) });

  it('are needed: without them the error says how to give them', async () => {
    await expect(world.runJob(job(), ':')).rejects.toMatchObject({
      code: 'image-pull-failed',
      hint: expect.stringContaining('docker login'),
    });
  });

  it('come from the person’s own config.json', async () => {
    await mkdir(join(world.folder, '.docker'), { recursive: true });
    await writeFile(join(world.folder, '.docker/config.json'), authConfig);
    expect((await world.runJob(job(), 'cat /version')).output).toBe('published\n');
    await writeFile(join(world.folder, '.docker/config.json'), '{}');
  });

  it('come from a credential helper that this file names', async () => {
    const bin = join(world.folder, 'bin');
    const answer = JSON.stringify({
      ServerURL: registry.host,
      Username: REGISTRY_USER,
      Secret: REGISTRY_PASSWORD,
    });
    await mkdir(bin);
    await writeFile(
      join(bin, 'docker-credential-test'),
      `#!/bin/sh\nread -r host\n[ "$1 $host" = "get ${registry.host}" ] && echo '${answer}'\n`,
      { mode: 0o755 },
    );
    const home = join(world.folder, 'helped');
    await mkdir(join(home, '.docker'), { recursive: true });
    await writeFile(join(home, '.docker/config.json'), JSON.stringify({ credsStore: 'test' }));
    const helped = await createWorld({ env: { HOME: home, PATH: `${bin}:${process.env.PATH}` } });
    try {
      expect((await helped.runJob(job(), 'cat /version')).output).toBe('published\n');
    } finally {
      await helped[Symbol.asyncDispose]();
    }
  });

  it('come from CI_REGISTRY_USER and CI_REGISTRY_PASSWORD, for CI_REGISTRY', async () => {
    const variables = [
      variable('CI_REGISTRY', registry.host),
      variable('CI_REGISTRY_USER', REGISTRY_USER),
      variable('CI_REGISTRY_PASSWORD', REGISTRY_PASSWORD, { masked: true }),
    ];
    expect((await world.runJob({ ...job(), variables }, 'cat /version')).output).toBe('published\n');
  });

  it('do not come from a helper that the pipeline names, and the log says so', async () => {
    const config = JSON.stringify({ ...JSON.parse(authConfig), credsStore: 'test' });
    const variables = [variable('DOCKER_AUTH_CONFIG', config, { masked: true })];
    const { preparation } = await world.runJob({ ...job(), variables }, ':');
    expect(preparation).toContain('they are run only for your own config.json');
  });

  it('never show', async () => {
    const { preparation } = await runWith('always');
    expect(preparation).toContain(`as ${REGISTRY_USER}`);
    expect(preparation).not.toContain(REGISTRY_PASSWORD);
  });
});

it('may be named by variables', async () => {
  const variables = [...withLogin(), variable('REGISTRY', registry.host), variable('TAG', '1')];
  const job = { image: image('$REGISTRY/group/tool:${TAG}'), variables };
  expect((await world.runJob(job, 'cat /version')).output).toBe('published\n');
});

it('names an image that nobody has', async () => {
  const missing = `${registry.host}/group/missing:2`;
  await expect(world.runJob({ image: image(missing), variables: withLogin() }, ':')).rejects.toMatchObject({
    code: 'image-pull-failed',
    message: expect.stringContaining(missing),
    hint: 'Check the name and the tag.',
  });
});

it.each(['UPPER/case', '-', 'a b', '$UNSET', 'x:y:z'])(
  'refuses the impossible name %j',
  async (impossible) => {
    await expect(world.runJob({ image: image(impossible) }, ':')).rejects.toMatchObject({
      code: 'image-pull-failed',
    });
  },
);

it('gives up a pull when the job is aborted', async () => {
  const aborted = AbortSignal.abort();
  await expect(world.prepare({ image: image(name) }, undefined, aborted)).rejects.toMatchObject({
    name: 'AbortError',
  });
});
