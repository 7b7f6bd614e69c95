import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createGitHttp,
  type GitLimits,
  type GitSurroundings,
  openRepositories,
  type Push,
  type RefRule,
  type RefUpdate,
  type Repositories,
} from '../../index.ts';

/** A server with three projects: `open/lib` everybody may read, `team/app` and `team/other` only `ada`. */
export interface TestServer {
  readonly address: string;
  /** With `ada`'s password in it. */
  readonly app: string;
  readonly root: string;
  readonly repositories: Repositories;
  readonly surroundings: GitSurroundings;
  readonly pushes: Push[];
  readonly failures: unknown[];
  /** Lines for the pusher, and what happens before them. */
  onPush: (push: Push) => Promise<readonly string[]>;
  rule: (update: RefUpdate) => RefRule;
  close(): Promise<void>;
}

export async function startTestServer(limits: Partial<GitLimits> = {}): Promise<TestServer> {
  const root = await mkdtemp(join(tmpdir(), 'slipway-git-'));
  const repositories = await openRepositories(join(root, 'repositories'));
  const projects = new Map(['team/app', 'open/lib', 'team/other'].map((path, index) => [path, index + 1]));
  for (const id of projects.values()) await repositories.create(id, 'main');
  const pushes: Push[] = [];
  const failures: unknown[] = [];
  const surroundings: GitSurroundings = {
    access: {
      identify: async ({ user, password }) =>
        password === 'secret' && ['ada', 'bob', 'job'].includes(user) ? { id: user, name: user } : null,
      identifyKey: async () => null,
      open: async (path, user) => {
        const id = projects.get(path);
        const mayRead = user?.id === 'ada' || user?.id === 'job' || path === 'open/lib';
        if (id === undefined || !mayRead) return null;
        return {
          project: { id, path },
          defaultBranch: 'main',
          mayPush: user?.id === 'ada',
          isJob: user?.id === 'job',
          ruleFor: (update) => server.rule(update),
        };
      },
    },
    receiver: {
      async pushed(push) {
        pushes.push(push);
        return server.onPush(push);
      },
    },
    failed: (error) => failures.push(error),
  };
  const git = createGitHttp({ repositories, surroundings, limits });
  const http = createServer({ requestTimeout: 0 }, (request, response) => {
    void git(request, response).then((isAnswered) => {
      if (!isAnswered) response.writeHead(404).end('no git\n');
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const bound = http.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  const server: TestServer = {
    address: `http://127.0.0.1:${port}`,
    app: `http://ada:secret@127.0.0.1:${port}/team/app.git`,
    root,
    repositories,
    surroundings,
    pushes,
    failures,
    onPush: async () => [],
    rule: () => ({ kind: 'allowed' }),
    async close() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
      await rm(root, { recursive: true, force: true });
    },
  };
  return server;
}

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * What git is called with to push `main`, and as a name that is not UTF-8 too; an argument of a process that Node.js starts
 * cannot be such a name.
 */
export const PUSH_OF_BYTES: readonly string[] = [
  ...['-c', `alias.push-of-bytes=!git push origin main "$(printf 'main:refs/heads/bad\\377\\376')" #`],
  'push-of-bytes',
];

/** The real git client, with nobody's configuration. */
export function client(folder: string, ...args: readonly string[]): Promise<Ran> {
  return clientWith({}, folder, ...args);
}

export function clientWith(
  environment: Readonly<Record<string, string>>,
  folder: string,
  ...args: readonly string[]
): Promise<Ran> {
  const who = {
    GIT_AUTHOR_NAME: 'T',
    GIT_AUTHOR_EMAIL: 't@t',
    GIT_COMMITTER_NAME: 'T',
    GIT_COMMITTER_EMAIL: 't@t',
  };
  const env = { PATH: process.env.PATH, HOME: folder, GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0' };
  return new Promise((resolve) => {
    execFile(
      'git',
      ['-C', folder, ...args],
      { env: { ...env, ...who, ...environment }, maxBuffer: 1e8 },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        resolve({ code, stdout, stderr });
      },
    );
  });
}
