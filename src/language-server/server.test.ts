import { once } from 'node:events';
import { symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Location } from 'vscode-languageserver/node';
import { type LanguageClient, startClient } from './test-support/language-client.ts';
import { openProject } from './test-support/marked-project.ts';

const MAIN = '.gitlab-ci.yml';

function framed(body: string): string {
  return `Content-Length: ${body.length}\r\n\r\n${body}`;
}

describe('the process', () => {
  it('says what it can, and ends with 0 after shutdown and exit', async () => {
    const client = await startClient();
    expect(client.initialized).toMatchObject({
      serverInfo: { name: 'slipway' },
      capabilities: {
        completionProvider: {},
        hoverProvider: true,
        renameProvider: { prepareProvider: true },
      },
    });
    expect(await client.end()).toBe(0);
  });

  it('ends with 1 when the client closes the stream without a word', async () => {
    const client = await startClient(['--stdio']);
    const exited = once(client.process, 'exit');
    client.process.stdin.end();
    expect((await exited)[0]).toBe(1);
  });
});

describe('hostile input', () => {
  const started = startClient();
  afterAll(async () => (await started).end());

  /** It still answers, and in order. */
  async function stillAnswers(client: LanguageClient): Promise<void> {
    using project = openProject(client, { [MAIN]: 'a: {script: x}\nb:\n  needs: [‸a]\n  script: x\n' });
    expect(await client.request<Location[]>('textDocument/definition', project.at)).toHaveLength(1);
  }

  it.each([
    ['a body that is no JSON', framed('{"a": 1 ]')],
    ['a body that is no message', framed('42')],
    ['a notification that nobody knows', framed('{"jsonrpc":"2.0","method":"nope"}')],
    ['an answer that nobody asked for', framed('{"jsonrpc":"2.0","id":77,"result":{}}')],
    ['a header without a length', 'Content-Type: x\r\n\r\n'],
    ['a header that is none', 'hello\r\n\r\n'],
    ['a length that is no number', 'Content-Length: many\r\n\r\n'],
  ])('survives %s', async (_what, raw) => {
    const client = await started;
    client.sendRaw(raw);
    await stillAnswers(client);
  });

  it.each([
    ['no URI', { textDocument: { uri: 'not a uri' }, position: { line: 0, character: 0 } }],
    ['another scheme', { textDocument: { uri: 'untitled:Untitled-1' }, position: { line: 0, character: 0 } }],
    ['a host', { textDocument: { uri: 'file://host/x.yml' }, position: { line: 0, character: 0 } }],
    [
      'a folder that is not there',
      { textDocument: { uri: 'file:///no/such/x.yml' }, position: { line: 0, character: 0 } },
    ],
    ['a NUL', { textDocument: { uri: 'file:///tmp/%00.yml' }, position: { line: 0, character: 0 } }],
  ])('has no answer for %s', async (_what, params) => {
    const client = await started;
    for (const method of ['definition', 'completion', 'hover', 'documentSymbol', 'prepareRename']) {
      expect(await client.request(`textDocument/${method}`, params)).toBeNull();
    }
  });

  it('refuses parameters that make no sense, and goes on', async () => {
    const client = await started;
    expect(await client.request('textDocument/definition', { textDocument: 7 })).toBeNull();
    await expect(client.request('textDocument/definition', null)).rejects.toThrow();
    await expect(client.request('no/such/method', {})).rejects.toThrow();
    client.notify('textDocument/didChange', {
      textDocument: { uri: 'file:///nowhere', version: 1 },
      contentChanges: 1,
    });
    await stillAnswers(client);
  });

  it('takes a place outside of the text for its nearest', async () => {
    const client = await started;
    using project = openProject(client, { [MAIN]: 'a: {script: x}\n' });
    for (const position of [
      { line: 999, character: 999 },
      { line: 0, character: 2_000_000_000 },
      { line: -1, character: -1 },
    ]) {
      await client.request('textDocument/completion', { ...project.at, position });
      await client.request('textDocument/hover', { ...project.at, position });
    }
    await stillAnswers(client);
  });

  it('does not read what is outside of the project', async () => {
    const client = await started;
    using secret = openProject(client, { 'secret.yml': 'secret_job: {script: x}\n' });
    const outside = `../${basename(secret.root)}/sec‸ret.yml`;
    using project = openProject(client, {
      [MAIN]: `include: [ci/link.yml, "${outside}"]\na: {script: x}\n`,
      'ci/other.yml': '',
    });
    symlinkSync(join(secret.root, 'secret.yml'), join(project.root, 'ci/link.yml'));
    const told = await client.diagnosed(project.uri(MAIN));
    expect(told.map(({ code }) => code)).toEqual(['include-unreadable', 'include-unreadable']);
    expect(await client.request('textDocument/definition', project.at)).toEqual([]);
  });

  it('says of a buffer that it is too big, and leaves it at that', async () => {
    const client = await started;
    using project = openProject(client, { [MAIN]: 'a: {script: x}\n' });
    expect(await client.diagnosed(project.uri(MAIN))).toEqual([]);
    project.change(MAIN, `a: {script: x}\n${'#'.repeat(5_100_000)}\n`);
    const told = await client.diagnosed(project.uri(MAIN), (one) => one.length > 0);
    expect(told.map(({ code }) => code)).toEqual(['file-unreadable']);
    expect(await client.request('textDocument/hover', project.at)).toBeNull();
  });

  it('reads a YAML bomb, deep nesting and long lines without delay', async () => {
    const client = await started;
    const bomb = Array.from(
      { length: 30 },
      (_, at) => `.b${at}: &b${at} [${'*b0,'.repeat(at === 0 ? 0 : 9)}]`,
    );
    for (const text of [
      bomb.join('\n'),
      '['.repeat(100_000),
      `a: "${'x'.repeat(400_000)}`,
      `${'- '.repeat(50_000)}a`,
    ]) {
      using project = openProject(client, { [MAIN]: text });
      await client.diagnosed(project.uri(MAIN));
      await client.request('textDocument/completion', project.at);
      await client.request('textDocument/documentSymbol', project.at);
    }
    await stillAnswers(client);
  });
});
