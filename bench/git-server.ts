import { createServer } from 'node:http';
import { join } from 'node:path';
import {
  createGitHttp,
  type GitSurroundings,
  openRepositories,
  startGitSsh,
} from '../src/server/git/index.ts';

/** Git hosting alone, for git.ts: `node git-server.ts FOLDER`. Everybody may do everything. Prints its two ports. */
const folder = process.argv[2] ?? '';
const repositories = await openRepositories(join(folder, 'repositories'));
for (const id of [1, 2]) await repositories.create(id, 'main');

const surroundings: GitSurroundings = {
  access: {
    identify: async ({ user }) => ({ id: user, name: user }),
    identifyKey: async ({ fingerprint }) => ({ id: fingerprint, name: 'key' }),
    open: async (path) => ({
      project: { id: path === 'bench/http' ? 1 : 2, path },
      defaultBranch: 'main',
      mayPush: true,
      ruleFor: () => ({ kind: 'allowed' }),
    }),
  },
  receiver: { pushed: async () => [] },
  failed: (error) => process.stderr.write(`${error}\n`),
};
const git = createGitHttp({ repositories, surroundings });
const http = createServer({ requestTimeout: 0 }, (request, response) => void git(request, response));
await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
const ssh = await startGitSsh({
  ...{ repositories, surroundings, host: '127.0.0.1', port: 0 },
  keyFolder: join(folder, 'keys'),
});
const bound = http.address();
process.stdout.write(`${JSON.stringify([typeof bound === 'object' ? bound?.port : 0, ssh.port])}\n`);
