import { afterAll, describe, expect, it, test } from 'vitest';
import type {
  CodeAction,
  CompletionItem,
  DocumentSymbol,
  Hover,
  PublishDiagnosticsParams,
} from 'vscode-languageserver/node';
import { type LanguageClient, startClient } from './test-support/language-client.ts';
import { openProject, shownRange } from './test-support/marked-project.ts';

const client: LanguageClient = await startClient();
afterAll(() => client.end());

type Told = PublishDiagnosticsParams['diagnostics'];

/** `error unknown-keyword 3:3 scrpt` */
function shown(text: string, told: Told): readonly string[] {
  return told.map(({ severity, code, range }) => {
    const word = ['', 'error', 'warning', 'information'][severity ?? 0];
    return `${word} ${code} ${shownRange(text, range)}`;
  });
}

describe('mistakes in files of other languages', () => {
  it.each([
    [
      'cloudbuild.yaml',
      "steps:\n- name: alpine\n  watFor: ['-']\nserviceAccount: me\n",
      ['error cloudbuild-unknown-field 3:3 watFor', 'information keyword-not-acted-on 4:1 serviceAccount'],
    ],
    [
      'deploy/cloudbuild.json',
      '{"steps": [{"nam": "alpine"}]}',
      ['error cloudbuild-unknown-field 1:13 "nam"'],
    ],
    [
      'buildspec.yml',
      'version: 0.2\nproxy: {logs: yes}\nphases:\n  build:\n    comands: [make]\n    finally: [x]\n',
      ['information buildspec-not-acted-on 2:8 {logs: yes}', 'warning buildspec-unknown-key 5:5 comands'],
    ],
  ])('are told in %s', async (path, text, expected) => {
    using project = openProject(client, { [path]: text });
    const told = await client.diagnosed(project.uri(path), (all) => all.length > 0);
    expect(shown(text, told)).toEqual(expect.arrayContaining(expected));
  });

  it('are told beside a .gitlab-ci.yml, and have a quick fix', async () => {
    const path = 'cloudbuild.yaml';
    const text = 'steps:\n- name: alpine\n  watFor: ["-"]\n';
    using project = openProject(client, { [path]: text, '.gitlab-ci.yml': 'a: {script: x}\n' });
    const diagnostics = await client.diagnosed(project.uri(path), (told) => told.length > 0);
    const range = diagnostics[0]?.range;
    const textDocument = { uri: project.uri(path) };
    const actions = await client.request<CodeAction[]>('textDocument/codeAction', {
      textDocument,
      range,
      context: { diagnostics },
    });
    expect(actions.map(({ title }) => title)).toEqual(['Change to waitFor']);
  });

  it('leave files of other tools alone', async () => {
    const path = 'pipelines.yml';
    using project = openProject(client, {
      [path]: 'steps:\n- scri‸pt: make\n',
      '.gitlab-ci.yml': 'a: {script: x}\n',
    });
    expect(await client.request('textDocument/hover', project.at)).toBeNull();
    expect(await client.request('textDocument/documentSymbol', project.at)).toBeNull();
  });
});

describe('what is offered', () => {
  test.each([
    ['a field at the root', 'cloudbuild.yaml', 'steps: []\nop‸\n', ['options: ', 'timeout: ']],
    ['a field of a step', 'cloudbuild.yaml', 'steps:\n- name: alpine\n  ‸\n', ['waitFor: ', 'args: ']],
    ['a field of options', 'cloudbuild.yaml', 'options:\n  ‸\n', ['machineType: ']],
    ['a field in JSON', 'cloudbuild.json', '{"steps": [{"‸"}]}', ['waitFor']],
    ['a word', 'cloudbuild.yaml', 'options:\n  logging: ‸\n', ['CLOUD_LOGGING_ONLY']],
    ['a step', 'cloudbuild.yaml', 'steps:\n- {name: a, id: first}\n- name: b\n  waitFor: [‸]\n', ['first']],
    ['a key at the root', 'buildspec.yml', 'version: 0.2\nph‸\n', ['phases: ', 'env: ']],
    ['a phase', 'buildspec.yml', 'phases:\n  ‸\n', ['install: ', 'post_build: ']],
    ['a key of a phase', 'buildspec.yml', 'phases:\n  build:\n    ‸\n', ['commands: ', 'on-failure: ']],
    ['what follows a failure', 'buildspec.yml', 'phases:\n  build:\n    on-failure: ‸\n', ['CONTINUE']],
    ['a key below a name', 'buildspec.yml', 'reports:\n  unit:\n    ‸\n', ['file-format: ']],
    ['a format', 'buildspec.yml', 'reports:\n  unit:\n    file-format: ‸\n', ['CUCUMBERJSON']],
    [
      'a build of a batch',
      'buildspec.yml',
      'batch:\n  build-graph:\n    - identifier: one\n    - identifier: two\n      depend-on: [‸]\n',
      ['one'],
    ],
  ])('as %s', async (_what, path, text, expected) => {
    using project = openProject(client, { [path]: text });
    const found =
      (await client.request<CompletionItem[] | null>('textDocument/completion', project.at)) ?? [];
    const inserted = found.map(({ textEdit }) => textEdit?.newText);
    expect(inserted).toEqual(expect.arrayContaining(expected));
  });

  it('is not what stands there already', async () => {
    using project = openProject(client, { 'buildspec.yml': 'version: 0.2\n‸\nphases: {}\n' });
    const found = await client.request<CompletionItem[]>('textDocument/completion', project.at);
    const labels = found.map(({ label }) => label);
    expect(labels).toContain('env');
    expect(labels).not.toContain('version');
    expect(labels).not.toContain('phases');
  });
});

describe('hover', () => {
  test.each([
    [
      'a field',
      'cloudbuild.yaml',
      'steps:\n- name: alpine\n  wait_‸for: ["-"]\n',
      '3:3 wait_for',
      '**steps:waitFor**\n\nThe steps that must have succeeded',
    ],
    [
      'a word',
      'cloudbuild.yaml',
      'options: {logging: LEG‸ACY}\nsteps: []\n',
      '1:20 LEGACY',
      '**options:logging**',
    ],
    [
      'a key that is not acted on',
      'buildspec.yml',
      'version: 0.2\npro‸xy: {logs: yes}\n',
      '2:1 proxy',
      'A local run does not act on it: Nothing is uploaded from here.',
    ],
  ])('on %s', async (_what, path, text, on, part) => {
    using project = openProject(client, { [path]: text });
    const answer = await client.request<Hover>('textDocument/hover', project.at);
    expect(answer.contents).toMatchObject({ value: expect.stringContaining(part) });
    expect(answer.range && shownRange(project.texts[path] ?? '', answer.range)).toBe(on);
  });

  it('has nothing to say of a command', async () => {
    using project = openProject(client, { 'buildspec.yml': 'phases: {build: {commands: [ma‸ke]}}\n' });
    expect(await client.request('textDocument/hover', project.at)).toBeNull();
  });
});

describe('the outline', () => {
  it.each([
    [
      'cloudbuild.yaml',
      'steps:\n- name: alpine\n  id: first\n- args: [x]\n  name: node\nsubstitutions: {_A: b}\n',
      ['steps', 'first', 'step 1', 'substitutions', '_A'],
    ],
    ['cloudbuild.json', '{"steps": [{"name": "alpine", "id": "a"}], "tags": ["x"]}', ['steps', 'a', 'tags']],
    [
      'buildspec.yml',
      'version: 0.2\nenv: {variables: {A: b}}\nphases:\n  install: {commands: [x]}\n  build: {commands: [x]}\n',
      ['version', 'env', 'A', 'phases', 'install', 'build'],
    ],
  ])('of %s', async (path, text, expected) => {
    using project = openProject(client, { [path]: text });
    const symbols = await client.request<DocumentSymbol[]>('textDocument/documentSymbol', {
      textDocument: { uri: project.uri(path) },
    });
    const names = symbols.flatMap(({ name, children }) => [name, ...(children ?? []).map((one) => one.name)]);
    expect(names).toEqual(expected);
  });
});
