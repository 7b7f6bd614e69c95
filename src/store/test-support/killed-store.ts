import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import { createPipelineStore, openStore, type Store } from '../index.ts';

/**
 * Starts apply-events.ts on a database, kills it after `lines` acknowledgements, and looks whether all of them are
 * there, and nothing half.
 */
export async function expectNothingLost(database: string, name: string, lines: number): Promise<void> {
  const acknowledged = await killedAfter(lines, [database, name]);
  await using store = await openStore({ database });
  const pipelines = createPipelineStore(store, systemClock);
  for (const [id, words] of Map.groupBy(acknowledged, ([pipeline]) => pipeline)) {
    const statuses = await statusesOf(store, id);
    const last = new Map(words.flatMap(([, job, status]) => (status === undefined ? [] : [[job, status]])));
    for (const [job = '', status = ''] of last) {
      const found = statuses.get(job) ?? 'missing';
      // An event may be there whose acknowledgement was on its way.
      expect(status === 'running' ? ['running', 'success'] : ['success']).toContain(found);
    }
    // It can be read, and goes on.
    const state = await pipelines.state(id);
    expect(state?.started).toBe(true);
    await pipelines.apply(id, [{ type: 'pipeline-canceled' }]);
  }
  expect(acknowledged.length).toBeGreaterThanOrEqual(lines);
}

async function killedAfter(lines: number, args: readonly string[]) {
  const program = join(import.meta.dirname, 'apply-events.ts');
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const said: (readonly [id: number, job: string | undefined, status: string | undefined])[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const [id, job, status] = line.split(' ');
    said.push([Number(id), job, status]);
    if (said.length === lines) child.kill('SIGKILL');
  }
  const [, signal] = await ended;
  expect(signal).toBe('SIGKILL');
  return said;
}

async function statusesOf(store: Store, id: number): Promise<ReadonlyMap<string, string>> {
  const rows = await store.read((db) =>
    db.selectFrom('jobs').select(['name', 'status']).where('pipeline_id', '=', id).execute(),
  );
  return new Map(rows.map(({ name, status }) => [name, status]));
}
