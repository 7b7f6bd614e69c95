import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../src/base/clock.ts';
import { job, plan } from '../src/pipeline/test-support/plan-builder.ts';
import { type AskingRunner, createPipelineStore, createQueue, openStore } from '../src/store/index.ts';
import { addProject, pushOf } from '../src/store/test-support/sample-project.ts';
import { privatePostgres } from '../test/store/private-postgres.ts';
import { milliseconds, type Section } from './table.ts';

/** The server's store, on SQLite and on a PostgreSQL of its own: events, large pipelines, and a long queue. */
export async function benchStore(): Promise<Section> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-bench-store-'));
  const server = await privatePostgres();
  try {
    const sqlite = await measureStore(folder);
    const postgres = server === null ? null : await measureStore(await server.addDatabase());
    return {
      title: 'the store',
      note:
        'Events are job-started and job-finished through the state machine, each a transaction that is on the disk when it is ' +
        'answered, by so many callers at once, each with pipelines of its own. Taking a job is what a runner waits for; 1 ' +
        'lane with all waiting jobs, the median of 200.',
      head: ['what', 'SQLite', 'PostgreSQL'],
      rows: sqlite.map(([what, value], at) => [what, value, postgres?.[at]?.[1] ?? 'not there']),
    };
  } finally {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

type Row = readonly [what: string, value: string];

async function measureStore(database: string): Promise<readonly Row[]> {
  await using store = await openStore({ database });
  const pipelines = createPipelineStore(store, systemClock);
  using queue = createQueue(store, pipelines, systemClock);
  const projectId = await addProject(store, `bench-${Date.now()}`);
  const rows: Row[] = [];

  for (const callers of [1, 20, 200]) {
    const pipelinesEach = callers === 1 ? 1 : Math.max(1, Math.round(40 / callers));
    const created = await Promise.all(
      Array.from({ length: callers * pipelinesEach }, () =>
        pipelines.create(pushOf(projectId, plan({ all: numbered(10) }))),
      ),
    );
    const begin = performance.now();
    await Promise.all(
      Array.from({ length: callers }, async (_, caller) => {
        for (const { id } of created.filter((_one, at) => at % callers === caller)) {
          for (const { name } of numbered(10)) {
            await pipelines.apply(id, [{ type: 'job-started', job: name, attempt: 1 }]);
            const outcome = { status: 'success' } as const;
            await pipelines.apply(id, [{ type: 'job-finished', job: name, attempt: 1, outcome }]);
          }
        }
      }),
    );
    const events = created.length * 20;
    const perSecond = Math.round(events / ((performance.now() - begin) / 1000));
    rows.push([`durable events a second, ${callers} at once`, String(perSecond)]);
  }

  const large = plan({ all: numbered(5000) });
  rows.push([
    'a pipeline of 5,000 jobs',
    milliseconds(await time(() => pipelines.create(pushOf(projectId, large)))),
  ]);
  for (const waiting of [100, 100_000]) {
    const runner = askingRunner(`waiting-${waiting}`);
    const lane = pushOf(projectId, plan({ all: numbered(Math.min(waiting, 10_000)) }));
    const requires = () => ({ tags: runner.tags, features: [] });
    for (let made = 0; made < waiting; made += 10_000) await pipelines.create({ ...lane, requires });
    const times: number[] = [];
    for (let count = 0; count < Math.min(200, waiting / 2); count += 1) {
      times.push(await time(() => queue.take({ ...runner, tokenHash: `${waiting} ${count}` })));
    }
    times.sort((a, b) => a - b);
    rows.push([
      `take a job of ${waiting.toLocaleString('en')}`,
      milliseconds(times[Math.floor(times.length / 2)] ?? 0),
    ]);
    rows.push([`the slowest of them`, milliseconds(times.at(-1) ?? 0)]);
  }
  return rows;
}

function numbered(count: number) {
  return Array.from({ length: count }, (_, index) => job(`j${index}`));
}

function askingRunner(tag: string): AskingRunner {
  return {
    runnerId: 1,
    systemId: null,
    tags: [tag],
    runUntagged: false,
    protected: false,
    features: [],
    projects: null,
    shared: true,
    tokenHash: '',
  };
}

async function time(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}
