import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startTestedServer } from '../../src/server/test-support/running-server.ts';
import { latestJobs } from '../../src/store/index.ts';
import { BASE_IMAGE, requireEngine } from '../docker/docker-world.ts';
import { temporaryFolder } from '../runner/temporary-folder.ts';
import { exampleSettings } from '../world/ci-settings.ts';
import { startWorld } from '../world/world.ts';
import { findDockerParts, startWithDocker } from './docker-parts.ts';
import { privilegedEngine } from './nearly-privileged.ts';

const found = findDockerParts();

test('the official gitlab-runner brings examples/fibonacci to production', async ({ skip }) => {
  if (typeof found === 'string') return skip(found);
  await using world = await startWorld();
  await requireEngine();
  const engine = await privilegedEngine(await temporaryFolder(), BASE_IMAGE);
  const tested = await startTestedServer({ host: found.host });
  const { server, adminToken, projectId, runnerToken } = tested;
  const authorized = { 'PRIVATE-TOKEN': adminToken };
  for (const [key, { value, file }] of Object.entries(exampleSettings(world))) {
    const body = { key, value, variable_type: file ? 'file' : 'env_var' };
    const { status } = await tested.ask('POST', `/projects/${projectId}/variables`, body, authorized);
    expect(status).toBe(201);
  }
  await startWithDocker(found, { url: server.url, token: runnerToken }, [
    `host = "unix://${engine}"`,
    'services_privileged = true',
    // The certificates with which a job reaches its engine.
    'volumes = ["/certs", "/cache"]',
  ]);
  await cp(join(import.meta.dirname, '../../examples/fibonacci'), tested.clone, { recursive: true });
  await tested.push({});

  const jobs = () => server.parts.store.read((db) => latestJobs(db, 1));
  const ending = async () => (await jobs()).filter(({ status }) => ENDED.has(status)).length;
  await expect.poll(ending, { timeout: 480_000, interval: 500 }).toBe(9);
  const ended = await jobs();
  const logs = ended
    .filter(({ status }) => status !== 'success')
    .map(({ id }) => tested.ask('GET', `/projects/${projectId}/jobs/${id}/trace`, undefined, authorized));
  const said = (await Promise.all(logs)).map(({ json }) => String(json.text)).join('\n');
  expect(new Set(ended.map(({ status }) => status)), said).toEqual(new Set(['success']));
  const ping = await fetch(`http://${world.host.address}/api/ping`);
  expect(await ping.json()).toMatchObject({ status: 'ok' });
});

const ENDED = new Set(['success', 'failed', 'canceled', 'skipped', 'manual']);
