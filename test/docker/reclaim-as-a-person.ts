import { rm } from 'node:fs/promises';
import { createWorld, memoryLog } from './docker-world.ts';

// Runs as a user who is not root but may use the engine: a job leaves a folder of root's behind.
const world = await createWorld();
const environment = await world.prepare({});
await environment.run({
  script: 'mkdir -m 700 private && echo x > private/file',
  log: memoryLog(),
  signal: new AbortController().signal,
  graceSeconds: 0,
});
await environment[Symbol.asyncDispose]();

const before = await remove();
await world.executor.reclaim?.(environment.workspace);
const after = await remove();
console.log(`${before} before, ${after} after`);
await world[Symbol.asyncDispose]();

async function remove(): Promise<string> {
  return rm(environment.workspace, { recursive: true }).then(
    () => 'removed',
    (error: NodeJS.ErrnoException) => String(error.code),
  );
}
