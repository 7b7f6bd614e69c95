import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { describeSources } from '../config/test-support/sources-contract.ts';
import { type CommitSources, commitSources } from './commit-sources.ts';
import { commitFiles } from './test-support/repositories.ts';

const made: { readonly base: string; readonly sources: CommitSources }[] = [];

describeSources('commitSources of a repository', (files) => project(files, ''));
describeSources('commitSources of a folder in a repository', (files) => project(files, 'in/side'));

afterAll(async () => {
  for (const { sources, base } of made) {
    sources.close();
    await rm(base, { recursive: true });
  }
});

async function project(files: Readonly<Record<string, string>>, below: string) {
  const base = await mkdtemp(join(tmpdir(), 'slipway-contract-'));
  const beside = below === '' ? {} : { 'beside.yml': '' };
  const placed = Object.entries(files).map(([path, text]) => [join(below, path), text]);
  await commitFiles(base, { ...beside, ...Object.fromEntries(placed) });
  const sources = await commitSources(join(base, below), 'HEAD');
  made.push({ base, sources });
  return sources;
}
