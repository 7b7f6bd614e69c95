import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { CodeAction, PublishDiagnosticsParams } from 'vscode-languageserver/node';
import { type LanguageClient, startClient } from './test-support/language-client.ts';
import { openProject, shownRange } from './test-support/marked-project.ts';

const client: LanguageClient = await startClient();
afterAll(() => client.end());

const MAIN = '.gitlab-ci.yml';
const GOOD = 'a:\n  script: make\n';

type Told = PublishDiagnosticsParams['diagnostics'];

/** `error unknown-keyword 3:3 scrpt` */
function shown(text: string, told: Told): readonly string[] {
  return told.map(({ severity, code, range }) => {
    const word = ['', 'error', 'warning', 'information'][severity ?? 0];
    return `${word} ${code} ${shownRange(text, range)}`;
  });
}

describe('mistakes', () => {
  it('are told when a file is opened, with the hint', async () => {
    const text = 'a:\n  scrpt: make\n  script: make\n';
    using project = openProject(client, { [MAIN]: text });
    const told = await client.diagnosed(project.uri(MAIN));
    expect(shown(text, told)).toEqual(['error unknown-keyword 2:3 scrpt']);
    expect(told[0]).toMatchObject({
      source: 'slipway',
      message: expect.stringContaining('Did you mean `script`?'),
    });
  });

  it('come and go while a person types', async () => {
    using project = openProject(client, { [MAIN]: GOOD });
    expect(await client.diagnosed(project.uri(MAIN))).toEqual([]);
    const broken = 'a:\n  script: make\n  stage: nowhere\n';
    project.change(MAIN, broken);
    const told = await client.diagnosed(project.uri(MAIN), (one) => one.length > 0);
    expect(shown(broken, told)).toEqual(['error unknown-stage 3:10 nowhere']);
    project.change(MAIN, GOOD);
    expect(await client.diagnosed(project.uri(MAIN), (one) => one.length === 0)).toEqual([]);
  });

  it('end with the last version, however fast the versions come', async () => {
    using project = openProject(client, { [MAIN]: GOOD });
    for (let count = 0; count < 30; count++) project.change(MAIN, `a:\n  script: make\n  x${count}: 1\n`);
    const last = 'a:\n  script: make\n  last: 1\n';
    project.change(MAIN, last);
    const told = await client.diagnosed(project.uri(MAIN), (one) => one.length > 0);
    expect(shown(last, told)).toEqual(['error unknown-keyword 3:3 last']);
  });

  it('are shown in the included file that has them, also while it is not open', async () => {
    const files = { [MAIN]: 'include: ci/a.yml\n', 'ci/a.yml': 'a:\n  script: make\n  tgs: [x]\n' };
    using project = openProject(client, files);
    expect(shown(files['ci/a.yml'], await client.diagnosed(project.uri('ci/a.yml')))).toEqual([
      'error unknown-keyword 3:3 tgs',
    ]);
  });

  it('see the open buffer of an included file, not what is on disk', async () => {
    const files = { [MAIN]: 'include: ci/a.yml\nb:\n  needs: [later]\n  script: x\n', 'ci/a.yml': GOOD };
    using project = openProject(client, files, [MAIN, 'ci/a.yml']);
    const told = await client.diagnosed(project.uri(MAIN), (one) => one.length > 0);
    expect(shown(files[MAIN], told)).toEqual(['error undefined-need 3:11 later']);
    project.change('ci/a.yml', `${GOOD}later:\n  script: x\n`);
    expect(await client.diagnosed(project.uri(MAIN), (one) => one.length === 0)).toEqual([]);
  });

  it('vanish when an included file appears on disk', async () => {
    using project = openProject(client, { [MAIN]: 'include: ci/new.yml\na: {script: x}\n' });
    const told = await client.diagnosed(project.uri(MAIN));
    expect(told.map(({ code }) => code)).toEqual(['include-unreadable']);
    mkdirSync(join(project.root, 'ci'));
    writeFileSync(join(project.root, 'ci/new.yml'), GOOD);
    client.notify('workspace/didChangeWatchedFiles', {
      changes: [{ uri: project.uri('ci/new.yml'), type: 1 }],
    });
    expect(await client.diagnosed(project.uri(MAIN), (one) => one.length === 0)).toEqual([]);
  });

  it('of YAML stand where the parser gave up', async () => {
    const text = 'a:\n  script: "make\n  stage: x\n';
    using project = openProject(client, { [MAIN]: text });
    const told = await client.diagnosed(project.uri(MAIN));
    expect(shown(text, told)).toEqual(['error yaml-syntax 2:11 "']);
  });

  it('have the columns of the protocol: UTF-16, and lines of any kind', async () => {
    const text = '# 🚀\r\na:\r\n  script: x\r\n  needs: ["🚀", nobody]\r\n"🚀":\r\n  script: x\r\n';
    using project = openProject(client, { [MAIN]: text });
    expect(shown(text, await client.diagnosed(project.uri(MAIN)))).toEqual([
      'error undefined-need 4:17 nobody',
    ]);
  });

  it('that only a local run has are no more than information', async () => {
    const text = 'a:\n  script: make\n  release: {tag_name: v1, description: it}\n';
    using project = openProject(client, { [MAIN]: text });
    const told = await client.diagnosed(project.uri(MAIN));
    expect(told.map(({ severity, code }) => [severity, code])).toEqual([[3, 'keyword-not-acted-on']]);
  });
});

describe('files that are judged', () => {
  it('are child pipelines, by themselves', async () => {
    const child = 'b:\n  script: make\n  needs: [a]\n';
    const files = { [MAIN]: 'a:\n  trigger: {include: ci/child.yml}\n', 'ci/child.yml': child };
    using project = openProject(client, files);
    expect(shown(child, await client.diagnosed(project.uri('ci/child.yml')))).toEqual([
      'error undefined-need 3:11 a',
    ]);
  });

  it('are components, with stand-ins for the inputs that must be given', async () => {
    const text =
      'spec:\n  inputs:\n    stage:\n    count: {type: number}\n---\na:\n  stage: $[[ inputs.stage ]]\n  parallel: $[[ inputs.count ]]\n  script: x\n  tgs: [y]\n';
    using project = openProject(client, { 'templates/a.yml': text });
    expect(shown(text, await client.diagnosed(project.uri('templates/a.yml')))).toEqual([
      'error unknown-keyword 10:3 tgs',
    ]);
  });

  it('are projects inside a larger repository', async () => {
    const text = 'include: ci/a.yml\n';
    const part = 'a:\n  script: x\n  tgs: [y]\n';
    using project = openProject(client, {
      'examples/one/.gitlab-ci.yml': text,
      'examples/one/ci/a.yml': part,
    });
    expect(shown(part, await client.diagnosed(project.uri('examples/one/ci/a.yml')))).toHaveLength(1);
  });

  it('are not those that no pipeline file leads to, but for their YAML', async () => {
    const files = {
      [MAIN]: GOOD,
      '.gitlab/ci/a.yml': 'a:\n  extends: .elsewhere\n',
      'compose.yml': 'services: [{}]\nx:\n',
    };
    using project = openProject(client, files, ['.gitlab/ci/a.yml', 'compose.yml']);
    expect(await client.diagnosed(project.uri('.gitlab/ci/a.yml'))).toEqual([]);
    expect(await client.diagnosed(project.uri('compose.yml'))).toEqual([]);
    project.change('.gitlab/ci/a.yml', 'a:\n  extends: [\n');
    expect(await client.diagnosed(project.uri('.gitlab/ci/a.yml'), (one) => one.length > 0)).toHaveLength(1);
  });

  it('are read from the file that --file names', async () => {
    const other = await startClient(['--file', './ci/main.yml']);
    const text = 'a:\n  script: x\n  tgs: [y]\n';
    using project = openProject(other, { 'ci/main.yml': text });
    expect(shown(text, await other.diagnosed(project.uri('ci/main.yml')))).toHaveLength(1);
    expect(await other.end()).toBe(0);
  });

  it('may be in no repository', async () => {
    using project = openProject(client, { [MAIN]: 'a:\n  script: x\n  tgs: [y]\n' });
    execFileSync('rm', ['-rf', join(project.root, '.git')]);
    expect(await client.diagnosed(project.uri(MAIN))).toHaveLength(1);
  });
});

describe('quick fixes', () => {
  async function fixed(text: string): Promise<readonly string[]> {
    using project = openProject(client, { [MAIN]: text });
    const diagnostics = await client.diagnosed(project.uri(MAIN), (one) => one.length > 0);
    const range = { start: { line: 0, character: 0 }, end: { line: 99, character: 0 } };
    const textDocument = { uri: project.uri(MAIN) };
    const actions = await client.request<CodeAction[]>('textDocument/codeAction', {
      textDocument,
      range,
      context: { diagnostics },
    });
    expect(actions.every(({ diagnostics: about }) => about?.length === 1)).toBe(true);
    return actions.flatMap(({ edit }) =>
      (edit?.changes?.[project.uri(MAIN)] ?? []).map(
        (one) => `${shownRange(text, one.range)} → ${one.newText}`,
      ),
    );
  }

  it.each([
    ['a keyword', 'a:\n  script: x\n  tgs: [y]\n', '3:3 tgs → tags'],
    ['a job without a script', 'a:\n  scrpt: x\n', '2:3 scrpt → script'],
    ['a setting', 'stage: [x]\na:\n  script: x\n', '1:1 stage → stages'],
    ['a needed job', 'build:\n  script: x\na:\n  needs: [biuld]\n  script: x\n', '4:11 biuld → build'],
    [
      'a needed job in quotes',
      'build:\n  script: x\na:\n  needs: ["biuld"]\n  script: x\n',
      '4:11 "biuld" → "build"',
    ],
    [
      'one of several dependencies',
      'build: {script: x}\nc: {script: x}\na:\n  stage: deploy\n  dependencies: [c, biuld]\n  script: x\n',
      '5:21 biuld → build',
    ],
    ['a stage', 'a:\n  stage: biuld\n  script: x\n', '2:10 biuld → build'],
    ['a template', '.base: {image: x}\na:\n  extends: .bsae\n  script: x\n', '3:12 .bsae → .base'],
  ])('put %s right', async (_what, text, expected) => {
    expect(await fixed(text)).toEqual([expected]);
  });
});
