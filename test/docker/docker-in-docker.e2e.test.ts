import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { World } from './docker-world.ts';
import {
  BASE_IMAGE,
  createWorld,
  docker,
  image,
  leftovers,
  memoryLog,
  requireEngine,
  service,
  variable,
} from './docker-world.ts';

let world: World;

beforeAll(async () => {
  await requireEngine();
  await promisify(execFile)(join(import.meta.dirname, '../images/dind/build.sh'));
  world = await createWorld();
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
  expect(await leftovers(world.runId)).toEqual([]);
});

describe('a job with the image docker:latest and the service docker:dind', () => {
  const build = [
    'set -e',
    'docker load --quiet --input base.tar',
    `printf 'FROM ${BASE_IMAGE}\\nRUN echo built > /result\\nCMD ["cat", "/result"]\\n' > Dockerfile`,
    'DOCKER_BUILDKIT=0 docker build --quiet --tag app . >/dev/null',
    'docker run --rm app',
    'docker run --detach --name server app sleep 100 >/dev/null',
    'docker exec server cat /result',
    'docker run --rm --volume "$PWD:/app" app ls /app/Dockerfile',
    'docker stop --time 0 server',
    'docker info --format "{{.Driver}}"',
    'echo "$DOCKER_HOST"',
  ].join('\n');

  it.each([
    { case: 'with TLS, as both images have it', variables: [], host: 'tcp://docker:2376' },
    {
      case: 'without TLS, as people turn it off',
      variables: [variable('DOCKER_TLS_CERTDIR', ''), variable('DOCKER_HOST', 'tcp://docker:2375')],
      host: 'tcp://docker:2375',
    },
  ])('builds and runs images $case', async ({ variables, host }) => {
    const preparation = memoryLog();
    const environment = await world.prepare(
      { image: image('docker:latest'), services: [service('docker:dind')], variables },
      preparation,
    );
    await docker('save', '--output', join(environment.workspace, 'base.tar'), BASE_IMAGE);
    const log = memoryLog();
    const result = await environment.run({
      script: build,
      log,
      signal: new AbortController().signal,
      graceSeconds: 5,
    });
    expect({ result, output: log.text() }).toEqual({
      result: { kind: 'exited', exitCode: 0 },
      output: expect.stringMatching(
        new RegExp(`^Loaded image.*\nbuilt\nbuilt\n/app/Dockerfile\nserver\noverlay2\n${host}\n$`),
      ),
    });
    expect(preparation.text()).not.toContain('does not accept connections');
    const after = memoryLog();
    await environment.run({
      script: 'docker image inspect --format "{{.RepoTags}}" app',
      log: after,
      signal: new AbortController().signal,
      graceSeconds: 5,
    });
    expect(after.text()).toBe('[app:latest]\n');
    await environment[Symbol.asyncDispose]();
  });
});

describe.each([
  { privileged: 'auto', job: false, dind: true },
  { privileged: false, job: false, dind: false },
  { privileged: true, job: true, dind: true },
] as const)('with privileged: $privileged', ({ privileged, job, dind }) => {
  it(`the job ${job ? 'has' : 'does not have'} every capability, docker:dind ${dind ? 'has' : 'does not'}`, async () => {
    const other = await createWorld({ privileged });
    try {
      const log = memoryLog();
      const environment = await other.prepare(
        { services: [service('docker:dind'), service(BASE_IMAGE)] },
        log,
      );
      const signal = new AbortController().signal;
      await environment.run({
        script: 'mount -t tmpfs none /tmp && echo mounted',
        log,
        signal,
        graceSeconds: 1,
      });
      expect(log.text().endsWith('mounted\n')).toBe(job);
      expect(await allCapabilities(`${other.runId}-1-1-service-1`)).toBe(dind);
      expect(await allCapabilities(`${other.runId}-1-1-service-2`)).toBe(privileged === true);
    } finally {
      await other[Symbol.asyncDispose]();
    }
  });
});

/** Privileged, or what takes its place on a machine whose engine is confined itself. */
async function allCapabilities(name: string): Promise<boolean> {
  const shown = await docker(
    'inspect',
    '--format',
    '{{.HostConfig.Privileged}} {{.HostConfig.CapAdd}}',
    `slipway-${name}`,
  );
  return shown.startsWith('true') || shown.includes('[ALL]');
}
