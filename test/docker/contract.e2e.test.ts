import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { describeExecutorContract } from '../../src/runner/executor.contract.ts';
import { describeSharedJobs } from '../../src/runner/shared-jobs.contract.ts';
import type { World } from './docker-world.ts';
import { createWorld, jobSpec, leftovers, memoryLog, requireEngine } from './docker-world.ts';

let world: World;

beforeAll(async () => {
  await requireEngine();
  world = await createWorld();
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
  expect(await leftovers(world.runId)).toEqual([]);
});

describe('the docker executor', () => {
  describeExecutorContract({ prepare: () => world.prepare({}), isolates: true });
  describeSharedJobs({
    folder: () => mkdtemp(join(world.folder, 'shared-')),
    showsPaths: true,
    runsPrograms: true,
    prepare: async ({ job, workspace, volumes = [] }) =>
      await world.executor.prepare({
        job: jobSpec(job),
        workspace,
        volumes,
        scratch: await mkdtemp(join(world.folder, 'scratch-')),
        log: memoryLog(),
        signal: new AbortController().signal,
      }),
  });
});
