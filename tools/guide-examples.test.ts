import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { hasExamples, runGuide } from './guide-examples.ts';

const folder = join(import.meta.dirname, '../docs/guides');
const pages = readdirSync(folder).filter((name) => hasExamples(readFileSync(join(folder, name), 'utf8')));

describe('docs/guides shows what the program prints', () => {
  test.each(pages)('%s', async (name) => {
    const page = readFileSync(join(folder, name), 'utf8');
    expect(await runGuide(page)).toBe(page);
  });

  test('and there are pages with examples', () => {
    expect(pages).toEqual(expect.arrayContaining(['diff.md', 'explain.md', 'expand.md', 'lint.md']));
  });
});

test('a page that shows something else is put right, but not where lines are left out', async () => {
  const file = '```yaml .gitlab-ci.yml\na: {script: x}\nb: {script: x}\n```\n';
  const page = (output: string) => `${file}\n\`\`\`console\n$ slipway list --names\n${output}\`\`\`\n`;
  expect(await runGuide(page('wrong\n'))).toBe(page('a\nb\n'));
  expect(await runGuide(page('a\n…\n'))).toBe(page('a\n…\n'));
  expect(await runGuide(page('c\n…\n'))).toBe(page('a\nb\n'));
  await expect(runGuide(page('').replace('slipway list', 'rm -rf'))).rejects.toThrow('cannot run');
});
