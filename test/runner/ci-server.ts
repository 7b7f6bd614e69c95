import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { onTestFinished } from 'vitest';
import { readTimedLog } from '../../src/protocol/index.ts';
import { client } from '../../src/server/git/test-support/git-server.ts';
import { hashToken, type RunningServer, type ServerOptions, startServer } from '../../src/server/index.ts';
import { startTestedServer } from '../../src/server/test-support/running-server.ts';
import { artifactsOf, createProject, createToken, type JobRow, latestJobs } from '../../src/store/index.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** A whole server with one project and one runner's token, which can go away and come back at the same address. */
export interface CiServer {
  readonly url: string;
  /** Where it listens. */
  readonly address: string;
  readonly runnerToken: string;
  /** With which anybody may make a runner, in the old form. */
  readonly registrationToken: string;
  push(files: Readonly<Record<string, string>>): Promise<void>;
  /** Makes another project, for everybody to read, and puts it into the first as a submodule. */
  addSubmodule(path: string, folder: string, files: Readonly<Record<string, string>>): Promise<void>;
  /** The newest attempt of each job of the first pipeline, by name. */
  jobs(): Promise<Readonly<Record<string, JobRow>>>;
  statuses(): Promise<Readonly<Record<string, string>>>;
  /** All attempts of a job, the oldest first. */
  attempts(job: string): Promise<readonly JobRow[]>;
  /** As people are shown it: without the times that newer official runners write before each line. */
  log(job: string): Promise<string>;
  /** Of one attempt. */
  logOf(id: number): Promise<string>;
  artifact(job: string, type: string): Promise<Buffer | null>;
  cancel(): Promise<void>;
  /** As a person retries a whole pipeline. */
  retry(): Promise<void>;
  /** What starts it as a process of its own, when it is stopped. */
  readonly command: readonly string[];
  stop(): Promise<void>;
  start(): Promise<void>;
}

export async function startCiServer(options: Partial<ServerOptions> = {}): Promise<CiServer> {
  const dataFolder = await temporaryFolder();
  const log = { level: 'error', write: (line: string) => process.stderr.write(line) } as const;
  const tested = await startTestedServer({ ...options, dataFolder, log });
  const { address, url } = tested.server;
  const port = Number(new URL(address).port);
  let server: RunningServer = tested.server;
  onTestFinished(async () => server[Symbol.asyncDispose]());

  const registrationToken = 'GR1348941-registration';
  await tested.server.parts.store.write(async ({ db }) => {
    await createToken(db, {
      ...{ kind: 'registration', name: 'all', projectId: null, scopes: [], expiresAt: null },
      tokenHash: hashToken(registrationToken),
      now: Date.now(),
    });
  });

  async function jobs(): Promise<Readonly<Record<string, JobRow>>> {
    const rows = await server.parts.store.read((db) => latestJobs(db, 1));
    return Object.fromEntries(rows.map((row) => [row.name, row]));
  }

  async function idOf(name: string): Promise<number> {
    const job = (await jobs())[name];
    if (job === undefined) throw new Error(`There is no job ${name}`);
    return job.id;
  }

  async function logOf(id: number): Promise<string> {
    const key = `logs/${Math.floor(id / 1000)}/${id}.log`;
    const kept = Buffer.concat(await Readable.from(server.parts.blobs.traces.read(key)).toArray());
    const plain = readTimedLog();
    return Buffer.concat([plain.take(kept), plain.end()]).toString();
  }

  return {
    url,
    address,
    runnerToken: tested.runnerToken,
    command: ['server', '--data', dataFolder, '--port', String(port), '--log-level', 'error'],
    registrationToken,
    jobs,
    async push(files) {
      await tested.push(files);
    },
    async statuses() {
      return Object.fromEntries(Object.entries(await jobs()).map(([name, { status }]) => [name, status]));
    },
    async addSubmodule(path, folder, files) {
      const { store, repositories } = server.parts;
      const project = await store.write(({ db }) =>
        createProject(db, { path, settings: { visibility: 'public' }, now: Date.now() }),
      );
      await repositories.create(project?.id ?? 0, 'main');
      const remote = new URL(`${url}/${path}.git`);
      remote.username = 'root';
      remote.password = tested.adminToken;
      const inside = join(tested.clone, folder);
      await client(tested.clone, 'clone', '--quiet', remote.href, folder);
      for (const [name, content] of Object.entries(files)) await writeFile(join(inside, name), content);
      for (const args of [
        ['checkout', '-qB', 'main'],
        ['add', '.'],
        ['commit', '-qm', 'one'],
        ['push', 'origin', 'main'],
      ])
        await client(inside, ...args);
    },
    attempts: (name) =>
      server.parts.store.read((db) =>
        db.selectFrom('jobs').selectAll().where('name', '=', name).orderBy('id').execute(),
      ),
    log: async (name) => logOf(await idOf(name)),
    logOf,
    async artifact(name, type) {
      const { store, blobs, clock } = server.parts;
      const id = await idOf(name);
      const [kept] = await store.read((db) => artifactsOf(db, [id], { type, now: clock.now() }));
      const found = kept === undefined ? null : await blobs.get(kept.blob);
      return found === null ? null : Buffer.concat(await Readable.from(found.content).toArray());
    },
    async cancel() {
      await server.parts.pipelines.apply(1, [{ type: 'pipeline-canceled' }]);
    },
    async retry() {
      await server.parts.places.retry(1);
    },
    async stop() {
      await server[Symbol.asyncDispose]();
    },
    async start() {
      server = await startServer({ host: '127.0.0.1', ...options, dataFolder, port, log });
    },
  };
}
