import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createProject, createRunner, createToken } from '../../store/index.ts';
import { newToken } from '../broker/new-token.ts';
import { client } from '../git/test-support/git-server.ts';
import { hashToken } from '../runner-api/token-hash.ts';
import type { ServerOptions } from '../server-options.ts';
import { type RunningServer, startServer } from '../start-server.ts';

/** A whole server with a project `team/app`, an administrator's token and a runner; removed when the test is over. */
export interface TestedServer {
  readonly server: RunningServer;
  readonly projectId: number;
  readonly adminToken: string;
  readonly runnerToken: string;
  /** Commits these files to the project's branch, and pushes. Answers with what git said. */
  push(files: Readonly<Record<string, string>>, ...options: readonly string[]): Promise<string>;
  /** Makes another project with these files on `main`, as a push does. Answers with its number. */
  addProject(path: string, files: Readonly<Record<string, string>>): Promise<number>;
  /** A request of a runner, JSON in and out. */
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  readonly clone: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly json: Readonly<Record<string, unknown>>;
}

export async function startTestedServer(options: Partial<ServerOptions> = {}): Promise<TestedServer> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-server-'));
  const server = await startServer({
    dataFolder: join(folder, 'data'),
    host: '127.0.0.1',
    port: 0,
    log: { level: 'warn', write: (line) => process.stderr.write(line) },
    ...options,
  });
  onTestFinished(async () => {
    await server[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });
  const { store, repositories, clock } = server.parts;
  const [adminToken, runnerToken] = [newToken('glpat'), newToken('glrt')];
  const now = clock.now();
  const projectId = await store.write(async ({ db }) => {
    const project = await createProject(db, { path: 'team/app', now });
    await createToken(db, {
      ...{ kind: 'personal', name: 'test', projectId: null, scopes: ['api'], expiresAt: null, now },
      tokenHash: hashToken(adminToken),
    });
    await createRunner(db, {
      ...{
        kind: 'instance_type',
        description: 'test',
        tags: [],
        runUntagged: true,
        protected: false,
        locked: false,
      },
      ...{ paused: false, maximumTimeoutSeconds: null, projects: [], now },
      tokenHash: hashToken(runnerToken),
    });
    return project?.id ?? 0;
  });
  await repositories.create(projectId, 'main');
  const clone = join(folder, 'clone');
  const url = new URL(`${server.address}/team/app.git`);
  url.username = 'root';
  url.password = adminToken;
  await client(folder, 'clone', '--quiet', url.href, clone);

  async function commitAndPush(
    into: string,
    files: Readonly<Record<string, string>>,
    pushOptions: readonly string[],
  ): Promise<string> {
    for (const [name, text] of Object.entries(files)) await writeFile(join(into, name), text);
    await client(into, 'checkout', '--quiet', '-B', 'main');
    await client(into, 'add', '--all');
    await client(into, 'commit', '--quiet', '--allow-empty', '-m', 'Change it');
    const pushed = await client(into, 'push', ...pushOptions, 'origin', 'HEAD:main');
    if (pushed.code !== 0) throw new Error(pushed.stderr);
    return pushed.stderr;
  }

  return {
    ...{ server, projectId, adminToken, runnerToken, clone },
    push: (files, ...pushOptions) => commitAndPush(clone, files, pushOptions),
    async addProject(path, files) {
      const project = await store.write(({ db }) => createProject(db, { path, now: clock.now() }));
      if (project === null) throw new Error(`There is a project ${path}`);
      await repositories.create(project.id, 'main');
      const other = join(folder, `clone-${project.id}`);
      url.pathname = `/${path}.git`;
      await client(folder, 'clone', '--quiet', url.href, other);
      await commitAndPush(other, files, []);
      return project.id;
    },
    async ask(method, path, body, headers = {}) {
      const isText = typeof body === 'string';
      const type = isText ? 'text/plain' : 'application/json';
      const response = await fetch(`${server.address}/api/v4${path}`, {
        method,
        headers: { ...(body === undefined ? {} : { 'Content-Type': type }), ...headers },
        ...(body === undefined ? {} : { body: isText ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      const json: Record<string, unknown> = text.startsWith('{') ? JSON.parse(text) : { text };
      return { status: response.status, headers: response.headers, json };
    },
  };
}
