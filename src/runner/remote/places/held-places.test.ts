import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { recordingLog } from '../../executor.contract.ts';
import { removeTree } from '../../folder/remove-tree.ts';
import type { WorkspaceSource } from '../../ports.ts';
import type { PlacesKept } from '../server/runner-calls.ts';
import { hurriedClock } from '../test-support/hurried-clock.ts';
import { type HeldPlaces, holdPlaces, type PlaceInUse } from './held-places.ts';

let folder: string;
let copies = 0;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-places-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const JOB = {
  sharedWorkspace: { name: 'workspace', path: '/workspace', folder: '.' },
  volumes: [{ name: 'home', path: '/builder/home' }],
};

/** Makes each working copy as a folder of its own. */
const SOURCE: WorkspaceSource = {
  async create({ signal }) {
    signal.throwIfAborted();
    copies += 1;
    const path = await mkdtemp(join(folder, 'copy-'));
    return { path, layer: null, [Symbol.asyncDispose]: () => removeTree(path) };
  },
};

/** What the server is asked, and says. */
interface Server {
  held: readonly number[];
  /** `for ever`: it does not know the question. */
  isAway: boolean | 'for ever';
  leaving: boolean;
  readonly left: (readonly string[])[];
  /** Called with each question, before its answer is made. */
  asked(): void | Promise<void>;
}

function open(
  server: Server,
  left: readonly string[] = [],
  abandon = new AbortController(),
  drain = new AbortController(),
): HeldPlaces {
  return holdPlaces({
    calls: {
      async places({ left: names, leaving }): Promise<PlacesKept> {
        const { held } = server;
        server.leaving = leaving;
        await server.asked();
        if (server.isAway === 'for ever') return { kind: 'unknown' };
        if (server.isAway) return { kind: 'away', reason: 'it is gone', afterMs: 0 };
        if (names.length > 0) server.left.push(names);
        return { kind: 'held', held, askAgainMs: 1000 };
      },
    },
    ...{ process: 'own', left, folder, reclaim: async () => undefined, clock: hurriedClock() },
    ...{ random: () => 0.5, listener: () => undefined, abandon: abandon.signal, drain: drain.signal },
  });
}

function server(held: readonly number[]): Server {
  return { held, isAway: false, leaving: false, left: [], asked: () => undefined };
}

async function workspaceOf({ folders }: PlaceInUse, signal = new AbortController().signal): Promise<string> {
  const request = {
    jobId: 1,
    sources: true,
    layered: true,
    variables: new Map(),
    log: recordingLog(),
    signal,
  };
  return (await folders.workspacesFor(JOB, SOURCE).create(request)).path;
}

test('jobs of a place see the same files, and those of another their own', async () => {
  await using places = open(server([1, 2]));
  const [one, beside, other] = [places.enter(1), places.enter(1), places.enter(2)];
  const path = await workspaceOf(one);
  expect(await workspaceOf(beside)).toBe(path);
  expect(await workspaceOf(other)).not.toBe(path);
  const [volume] = await one.folders.volumesOf(JOB);
  expect(await beside.folders.volumesOf(JOB)).toEqual([volume]);
  expect(await other.folders.volumesOf(JOB)).not.toEqual([volume]);
});

test('files stay between jobs, and go when the server says that the place is over', async () => {
  const told = server([1]);
  await using places = open(told);
  const first = places.enter(1);
  const path = await workspaceOf(first);
  await first.folders.volumesOf(JOB);
  await writeFile(join(path, 'file'), '');
  first.leave();
  await answers(told, 3);
  const second = places.enter(1);
  expect(await readdir(await workspaceOf(second))).toEqual(['file']);
  second.leave();
  told.held = [];
  await eventually(() => places.count()).toBe(0);
  await eventually(() => readdir(folder)).toEqual([]);
});

test('nothing is taken from a job that runs, nor from one that begins while the server answers', async () => {
  const told = server([]);
  await using places = open(told);
  const running = places.enter(1);
  const path = await workspaceOf(running);
  const late: { current: PlaceInUse | null } = { current: null };
  told.asked = () => {
    late.current ??= places.enter(2);
    late.current.leave();
    told.held = [2];
  };
  await answers(told, 3);
  expect(places.count()).toBe(2);
  expect(await readdir(path)).toEqual([]);
  running.leave();
  await eventually(() => places.count()).toBe(1);
});

test('a server that is away takes nothing away', async () => {
  const told = { ...server([]), isAway: true };
  await using places = open(told, ['dead']);
  places.enter(1).leave();
  await answers(told, 5);
  expect(places.count()).toBe(1);
  expect(told.left).toEqual([]);
  told.isAway = false;
  await eventually(() => places.count()).toBe(0);
  expect(told.left).toEqual([['dead']]);
});

test('a server that does not know the question is not asked again and again', async () => {
  const told: Server = { ...server([]), isAway: 'for ever' };
  let asked = 0;
  told.asked = () => {
    asked += 1;
  };
  await using places = open(told, ['dead']);
  await eventually(() => asked).toBe(1);
  // An hour is over at once on the hurried clock: there is nothing to ask then.
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect([asked, places.count()]).toEqual([1, 0]);
});

test('more processes than one question may name are told in several, once', async () => {
  const told = server([]);
  const names = Array.from({ length: 2500 }, (_, index) => `run-${index}`);
  await using _places = open(told, names);
  await eventually(() => told.left.flat()).toEqual(names);
  expect(told.left.map(({ length }) => length)).toEqual([1000, 1000, 500]);
});

test('at the end all is removed, and the server told that it is', async () => {
  const told = server([1]);
  {
    await using places = open(told);
    const job = places.enter(1);
    await workspaceOf(job);
    await job.folders.volumesOf(JOB);
    job.leave();
  }
  expect(await readdir(folder)).toEqual([]);
  expect(told.left).toEqual([['own']]);
});

test('one that takes no other jobs says so, and knows when its last place is gone', async () => {
  const [told, drain] = [server([1]), new AbortController()];
  await using places = open(told, [], undefined, drain);
  places.enter(1).leave();
  await answers(told, 2);
  expect(told.leaving).toBe(false);
  drain.abort();
  await eventually(() => told.leaving).toBe(true);
  const empty = places.empty();
  told.held = [];
  await empty;
  expect(places.count()).toBe(0);
  await places.empty();
});

test('one that is abandoned tells nobody', async () => {
  const [told, abandon] = [server([1]), new AbortController()];
  {
    await using places = open(told, [], abandon);
    await workspaceOf(places.enter(1));
    abandon.abort();
  }
  expect(await readdir(folder)).toEqual([]);
  expect(told.left).toEqual([]);
});

test('a working copy that one job could not make is made for the next', async () => {
  await using places = open(server([1]));
  const [stopped, next] = [places.enter(1), places.enter(1)];
  const before = copies;
  const failing = workspaceOf(stopped, AbortSignal.abort(new Error('stopped')));
  const [path] = await Promise.all([workspaceOf(next), expect(failing).rejects.toThrow('stopped')]);
  expect(await workspaceOf(next)).toBe(path);
  expect(copies).toBe(before + 1);
});

/** As long as a busy machine may take. */
function eventually<T>(ask: () => T) {
  return expect.poll(ask, { timeout: 15_000 });
}

/** Settles when the server was asked so often. */
async function answers(told: Server, times: number): Promise<void> {
  const { asked } = told;
  let count = 0;
  told.asked = () => {
    count += 1;
    return asked();
  };
  await eventually(() => count).toBeGreaterThanOrEqual(times);
  told.asked = asked;
}
