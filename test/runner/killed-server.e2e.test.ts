import { expect, test } from 'vitest';
import { startCiServer } from './ci-server.ts';
import { startProcess } from './running-process.ts';
import { environmentIn, SLIPWAY, startSlipwayRunner } from './slipway-runner.ts';
import { temporaryFolder } from './temporary-folder.ts';

const JOBS = 24;
const LINES = 150;
const KILLS = 8;

test('a server that is killed again and again loses no line, artifact or result of its runners', async () => {
  const server = await startCiServer();
  await server.push({
    '.gitlab-ci.yml': `
many:
  parallel: ${JOBS}
  script:
    - for i in $(seq 1 ${LINES}); do echo "line $i"; sleep 0.01; done
    - echo "$CI_JOB_ID" > id.txt
  artifacts: { paths: [id.txt] }
`,
  });
  await server.stop();
  const home = await temporaryFolder();
  const start = () => startProcess(SLIPWAY, server.command, environmentIn(home));
  let running = await start();
  await startSlipwayRunner({ url: server.url, token: server.runnerToken }, '--concurrency', '4');
  for (let kill = 0; kill < KILLS; kill += 1) {
    await new Promise((resolve) => setTimeout(resolve, 500 + Math.random() * 2_500));
    running.kill('SIGKILL');
    await running.ended;
    running = await start();
  }
  await expect.poll(() => healthy(server.url), { timeout: 30_000 }).toBe(true);
  running.kill('SIGTERM');
  await running.ended;
  await server.start();
  // A job whose handing out was lost on the way is given out again after a minute and a half.
  const unfinished = async () =>
    Object.values(await server.jobs())
      .filter(({ status }) => status !== 'success')
      .map(({ name, status, failure_reason: reason }) => ({ name, status, reason }));
  await expect.poll(unfinished, { timeout: 240_000, interval: 500 }).toEqual([]);
  const names = Object.keys(await server.jobs());
  expect(names).toHaveLength(JOBS);
  const expected = Array.from({ length: LINES }, (_, index) => `line ${index + 1}`);
  for (const name of names) {
    expect((await server.log(name)).match(/^line \d+/gm)).toEqual(expected);
    expect(await server.artifact(name, 'archive')).not.toBeNull();
    const attempts = await server.attempts(name);
    expect(attempts.filter(({ status }) => status === 'success')).toHaveLength(1);
  }
});

async function healthy(url: string): Promise<boolean> {
  const answer = await fetch(`${url}/-/health`).catch(() => null);
  return answer?.ok === true;
}
