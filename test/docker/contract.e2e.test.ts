import { afterAll, beforeAll, describe, expect } from 'vitest';
import { describeExecutorContract } from '../../src/runner/executor.contract.ts';
import type { World } from './docker-world.ts';
import { createWorld, leftovers, requireEngine } from './docker-world.ts';

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
});
