import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { Hover } from 'vscode-languageserver/node';
import { type LanguageClient, startClient } from './test-support/language-client.ts';
import { openProject } from './test-support/marked-project.ts';

const client: LanguageClient = await startClient();
afterAll(() => client.end());

const page = readFileSync(join(import.meta.dirname, '../../docs/guides/language-server.md'), 'utf8');
const files = Object.fromEntries(
  [...page.matchAll(/^```yaml (\S+)\n([\s\S]*?)^```$/gm)].map(([, path = '', text = '']) => [path, text]),
);
const shown = [...page.matchAll(/^```text\n([\s\S]*?)\n```$/gm)].map(([, text]) => text);

it('docs/guides/language-server.md shows what the server says', async () => {
  using project = openProject(client, files, Object.keys(files));
  const main = project.uri('.gitlab-ci.yml');
  const told = await client.diagnosed(main, (one) => one.length > 0);
  const mistakes = told.map(({ range: { start }, message }) => {
    return `.gitlab-ci.yml:${start.line + 1}:${start.character + 1}: error: ${message}`;
  });

  async function hover(path: string, line: number, character: number): Promise<unknown> {
    const params = { textDocument: { uri: project.uri(path) }, position: { line, character } };
    const answer = await client.request<Hover>('textDocument/hover', params);
    return answer.contents;
  }

  const [first, second, third] = shown;
  expect(mistakes.join('\n')).toBe(first);
  expect(await hover('.gitlab-ci.yml', 5, 13)).toEqual({ kind: 'markdown', value: second });
  expect(await hover('ci/node.yml', 1, 16)).toEqual({ kind: 'markdown', value: third });
});
