import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { CONTRACT_WORLD, describeElsewhere } from '../../../config/test-support/elsewhere-contract.ts';
import { describeSources } from '../../../config/test-support/sources-contract.ts';
import { openRepositories } from '../repositories.ts';
import { type Commits, openCommits } from './commits.ts';
import { hostedElsewhere } from './hosted-elsewhere.ts';
import { NOBODY, putCommit } from './test-support/hosted.ts';

const ended: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const end of ended) await end();
});

async function open(): Promise<{ readonly root: string; readonly commits: Commits }> {
  const root = await mkdtemp(join(tmpdir(), 'slipway-commits-'));
  const repositories = await openRepositories(root);
  await repositories.create(1, 'main');
  const commits = openCommits(repositories);
  ended.push(async () => {
    commits.close();
    await rm(root, { recursive: true });
  });
  return { root: repositories.folderOf(1), commits };
}

describeSources('a hosted project', async (files) => {
  const { root, commits } = await open();
  const sha = await putCommit(root, 'refs/heads/main', files);
  const sources = await commits.sources(1, sha, NOBODY);
  if (sources === null) throw new Error('The commit is not there.');
  return sources;
});

describeElsewhere('the projects of a server', async () => {
  const { root, commits } = await open();
  for (const [ref, files] of Object.entries(CONTRACT_WORLD.refs)) {
    const kind = ref === 'main' || ref === 'topic' ? 'heads' : 'tags';
    await putCommit(root, `refs/${kind}/${ref}`, files);
  }
  // Addresses and templates are not hosted: they are there for the others' part of the contract.
  const remotes: Readonly<Record<string, string>> = CONTRACT_WORLD.remotes;
  return {
    host: 'ci.example:8080',
    address: (path) => `https://files.example${path}`,
    elsewhere: hostedElsewhere({
      commits,
      host: 'ci.example:8080',
      findProject: async (path) => (path === CONTRACT_WORLD.project ? 1 : null),
      others: {
        ...NOBODY,
        async readRemote(address) {
          const path = /^https:\/\/files\.example(\/.*)$/.exec(address)?.[1];
          const text = path === undefined ? undefined : remotes[path];
          if (path === undefined) return { kind: 'bad-address' };
          if (text === undefined) return { kind: 'http-status', status: 404 };
          const digest = `sha256-${createHash('sha256').update(text).digest('base64')}`;
          return { kind: 'text', text, digest };
        },
      },
    }),
    close: async () => undefined,
  };
});
