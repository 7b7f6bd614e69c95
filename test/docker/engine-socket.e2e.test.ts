import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { output } from '../world/command.ts';
import { logsOf, type RunReport, slipwayPush, slipwayRun } from '../world/slipway-run.ts';
import {
  BASE_IMAGE,
  buildImage,
  createWorld,
  docker,
  image,
  leftovers,
  requireEngine,
  service,
  type World,
} from './docker-world.ts';

const CLIENT = 'docker:latest';
/** As Cloud Build's image: its program is the client. */
const BUILDER = 'slipway-test/docker-builder:latest';
const PERSON = 'slipway-test/docker-person:latest';
const BUILT = 'slipway-test/built-in-a-step:latest';

let world: World;

beforeAll(async () => {
  await requireEngine();
  await promisify(execFile)(join(import.meta.dirname, '../images/dind/build.sh'));
  await buildImage(BUILDER, `FROM ${CLIENT}`, 'ENTRYPOINT ["docker"]', 'CMD []');
  await buildImage(PERSON, `FROM ${CLIENT}`, 'USER 1234:1234');
  world = await createWorld({ engineSocket: true });
});

afterAll(async () => {
  await world?.[Symbol.asyncDispose]();
  expect(await leftovers(world.runId)).toEqual([]);
  await docker('image', 'rm', '--force', BUILDER, PERSON, BUILT);
});

describe('a job that may use the socket', () => {
  const build = [
    `printf 'FROM ${BASE_IMAGE}\\nRUN echo built > /result\\nCMD ["cat", "/result"]\\n' > Dockerfile`,
    `DOCKER_BUILDKIT=0 docker build --quiet --tag ${BUILT} .`,
    `docker run --rm ${BUILT}`,
  ].join(' && ');

  test.each([
    ['root', CLIENT],
    ['a user of the image', PERSON],
  ])('builds an image in the engine of this machine, as %s', async (_who, name) => {
    const { exitCode, output: shown } = await world.runJob({ image: image(name) }, build);
    expect(exitCode, shown).toBe(0);
    expect(shown).toMatch(/^sha256:\w+\nbuilt\n$/);
    expect(await docker('run', '--rm', BUILT)).toBe('built');
    await docker('image', 'rm', BUILT);
  });

  test('has its own engine where it has a service for that, and its services have no socket', async () => {
    const { exitCode, output: shown } = await world.runJob(
      { image: image(CLIENT), services: [service('docker:dind')] },
      'test ! -e /var/run/docker.sock && docker image ls --quiet && echo "$DOCKER_HOST"',
    );
    expect(exitCode, shown).toBe(0);
    expect(shown).toBe('tcp://docker:2376\n');
  });

  test('is not run where the engine has no socket', async () => {
    await using other = await createWorld({ engineSocket: true, env: { DOCKER_HOST: 'tcp://127.0.0.1:1' } });
    await expect(other.prepare({ image: image(CLIENT) })).rejects.toMatchObject({
      code: 'engine-socket-missing',
    });
  });
});

test('without the option no job has a socket', async () => {
  await using other = await createWorld();
  const { exitCode } = await other.runJob({ image: image(CLIENT) }, 'test ! -e /var/run/docker.sock');
  expect(exitCode).toBe(0);
});

describe('a build file whose steps build an image', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'slipway-engine-socket-'));
    await output('git', ['init', '--quiet', '--initial-branch=main', folder]);
    await writeFile(
      join(folder, 'Dockerfile'),
      `FROM ${BASE_IMAGE}\nRUN echo from a step > /result\nCMD ["cat", "/result"]\n`,
    );
    await writeFile(
      join(folder, 'slipway.yml'),
      `builders: {gcr.io/cloud-builders/docker: {image: "${BUILDER}"}}\n`,
    );
    await writeFile(
      join(folder, 'cloudbuild.yaml'),
      [
        'steps:',
        '- {id: build, name: gcr.io/cloud-builders/docker, args: [build, --tag, "$_IMAGE", .]}',
        '- {id: run, name: gcr.io/cloud-builders/docker, args: [run, --rm, "$_IMAGE"]}',
        `substitutions: {_IMAGE: "${BUILT}"}`,
      ].join('\n'),
    );
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  test('runs with --engine-socket, and the image stays', async () => {
    const report = await slipwayRun(folder, '--engine-socket');
    const expected = { build: 'success', run: 'success' };
    expect(report.jobs, logsOf(report, expected)).toEqual(expected);
    expect(report.logs.run).toContain('from a step\n');
    expect(await docker('run', '--rm', BUILT)).toBe('from a step');
    await docker('image', 'rm', BUILT);
  });

  test('runs on a server whose runner has it', async () => {
    const report = await slipwayPush(folder, 'docker', '--engine-socket');
    const expected = { build: 'success', run: 'success' };
    expect(report.jobs, logsOf(report, expected)).toEqual(expected);
    expect(report.logs.run).toContain('from a step\n');
    await docker('image', 'rm', BUILT);
  });

  test('is known to need an engine before it starts, where its image is that of the command', async () => {
    await docker('tag', BUILDER, 'slipway-test/docker:latest');
    await writeFile(
      join(folder, 'slipway.yml'),
      'builders: {gcr.io/cloud-builders/docker: {image: slipway-test/docker}}\n',
    );
    const without = await slipwayRun(folder);
    expect(without.notices[0]).toContain("The image of 'build', 'run' is that of the Docker command");
    const report = await slipwayRun(folder, '--engine-socket');
    expect(report).toMatchObject({ exitCode: 0, notices: [] });
    await docker('image', 'rm', BUILT, 'slipway-test/docker:latest');
  });

  test('fails without, and the run says what would help', async () => {
    const report = await slipwayRun(folder);
    expect(report).toMatchObject({ exitCode: 1, jobs: { build: 'failed' } });
    expect(report.notices.join('\n')).toContain(
      "'build' looked for a Docker engine, and its container has none. slipway run --engine-socket",
    );
  });
});

test('an image of a step that cannot be had is one that slipway.yml can replace', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-engine-socket-'));
  try {
    await output('git', ['init', '--quiet', '--initial-branch=main', folder]);
    await writeFile(
      join(folder, 'cloudbuild.yaml'),
      'steps: [{id: build, name: "gcr.io/cloud-builders/docker:no-such-tag", args: [version]}]\n',
    );
    const report: RunReport = await slipwayRun(folder);
    expect(report).toMatchObject({ exitCode: 1, jobs: { build: 'failed' } });
    expect(report.notices.join('\n')).toContain(
      'builders: {gcr.io/cloud-builders/docker: {image: docker:cli}}',
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
