import { createWorld, memoryLog, requireEngine, service } from './docker-world.ts';

// Prepares a job with services, runs a script that never ends, and waits to be killed.
await requireEngine();
const world = await createWorld({ serviceWaitSeconds: 0 });
const environment = await world.prepare({
  services: [service('docker:dind', { entrypoint: ['sleep'], command: ['1000'] })],
});
const running = environment.run({
  script: 'sleep 1000',
  log: memoryLog(),
  signal: new AbortController().signal,
  graceSeconds: 0,
});
console.log(`ready ${world.runId}`);
await running;
