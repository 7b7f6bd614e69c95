import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { noticesOf } from './pipeline-notices.ts';
import { runRequest } from './test-support/run-request.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-notices-'));
});
afterEach(() => rm(folder, { recursive: true }));

test.each([
  ['image: docker', true],
  ['image: "docker:27-cli"', true],
  ['image: registry.example.com:5000/library/docker@sha256:abc', true],
  ['image: gcr.io/cloud-builders/docker', true],
  ['image: alpine', false],
  ['image: example/docker-compose', false],
  ['image: docker/compose', false],
  ['{image: docker, services: [docker:dind]}', false],
  ['{image: docker, variables: {DOCKER_HOST: "tcp://engine:2375"}}', false],
  ['{image: docker, when: manual}', false],
])('a job with %s looks for an engine: %s', async (keys, looks) => {
  expect((await notices(keys, true)).join()).toBe(
    looks
      ? "The image of 'one' is that of the Docker command, and there is no engine for it. slipway run --engine-socket gives containers this machine's, and with it all of this machine."
      : '',
  );
  expect(await notices(keys, false)).toEqual([]);
});

async function notices(keys: string, hasNoEngine: boolean): Promise<readonly string[]> {
  const job = keys.startsWith('{') ? keys.slice(1, -1) : keys;
  await writeFile(join(folder, '.gitlab-ci.yml'), `one: {script: [x], ${job}}`);
  const { plan } = await runRequest(folder, folder, { listener: () => undefined });
  return noticesOf(plan, () => hasNoEngine);
}
