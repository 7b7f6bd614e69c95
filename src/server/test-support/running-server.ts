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

  return {
    ...{ server, projectId, adminToken, runnerToken, clone },
    async push(files, ...pushOptions) {
      for (const [name, text] of Object.entries(files)) await writeFile(join(clone, name), text);
      await client(clone, 'checkout', '--quiet', '-B', 'main');
      await client(clone, 'add', '--all');
      await client(clone, 'commit', '--quiet', '--allow-empty', '-m', 'Change it');
      const pushed = await client(clone, 'push', ...pushOptions, 'origin', 'HEAD:main');
      if (pushed.code !== 0) throw new Error(pushed.stderr);
      return pushed.stderr;
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
