import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';
import { describeSources } from '../config/test-support/sources-contract.ts';
import { projectSources } from './project-sources.ts';

const made: string[] = [];

describeSources('projectSources of a git repository', (files) => project(files, true));
describeSources('projectSources of a plain folder', (files) => project(files, false));

afterAll(() => Promise.all(made.map((folder) => rm(folder, { recursive: true }))));

async function project(files: Readonly<Record<string, string>>, inGit: boolean) {
  const root = await mkdtemp(join(tmpdir(), 'slipway-contract-'));
  made.push(root);
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  if (inGit) execFileSync('git', ['init', '-q', root]);
  return projectSources(root);
}
