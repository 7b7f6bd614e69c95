import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { callProgram } from '../test-support/call-program.ts';

const REFERENCE = join(import.meta.dirname, '../../../docs/reference');

it.each([
  [[], 'gitlab-ci.schema.json'],
  [['--language', 'codebuild'], 'codebuild.schema.json'],
  [['--language', 'cloudbuild'], 'cloudbuild.schema.json'],
])('slipway schema %j prints docs/reference/%s', async (args, file) => {
  const { exitCode, stdout } = await callProgram(import.meta.dirname, ['schema', ...args]);
  expect(exitCode).toBe(0);
  expect(stdout).toBe(await readFile(join(REFERENCE, file), 'utf8'));
});

it('slipway schema knows no other language', async () => {
  const { exitCode, stderr } = await callProgram(import.meta.dirname, ['schema', '--language', 'other']);
  expect(exitCode).toBe(2);
  expect(stderr).toContain('gitlab, codebuild, cloudbuild');
});
