import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from 'vitest';

/** `slipway run | head`: whoever reads the output goes away in the middle of it. */

let repository: string;

beforeEach(async () => {
  repository = await mkdtemp(join(tmpdir(), 'slipway-reader-'));
});
afterEach(() => rm(repository, { recursive: true, force: true }));

test('a run that nobody reads any more ends its jobs in order, and has not passed', async () => {
  const marker = join(repository, 'after-ran');
  await writeFile(
    join(repository, '.gitlab-ci.yml'),
    `
talks:
  script: ['while echo line; do sleep 0.05; done']
  after_script: ['touch ${marker}']
`,
  );
  const state = join(repository, 'state');
  const run = spawn(join(import.meta.dirname, '../../bin/slipway'), ['run', '--plain', '--no-sandbox'], {
    cwd: repository,
    env: { ...process.env, XDG_STATE_HOME: state, XDG_CACHE_HOME: state },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(run, 'exit');
  // Leaving the loop destroys the stream, as `head` does by ending.
  for await (const line of createInterface({ input: run.stdout })) if (line.endsWith('| line')) break;
  run.stdout.destroy();
  await exited;
  expect(run.exitCode).toBe(130);
  expect(existsSync(marker)).toBe(true);
  expect(await readdir(join(state, 'slipway', 'scratch'))).toEqual([]);
});
