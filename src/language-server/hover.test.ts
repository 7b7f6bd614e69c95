import { afterAll, describe, expect, it, test } from 'vitest';
import type { DocumentLink, DocumentSymbol, Hover } from 'vscode-languageserver/node';
import { type LanguageClient, startClient } from './test-support/language-client.ts';
import { openProject, shownRange } from './test-support/marked-project.ts';

const client: LanguageClient = await startClient();
afterAll(() => client.end());

const MAIN = '.gitlab-ci.yml';
const BASE = `.base:
  image: node
  stage: build
  variables: {OWN: 1}
prepare:
  stage: build
  script: [make]
`;
const GREET = `spec:
  inputs:
    who: {default: me, description: Whom to greet.}
---
greet:
  script: echo $[[ inputs.who ]]
`;

async function hover(text: string): Promise<{ readonly on: string; readonly text: string } | null> {
  using project = openProject(client, { [MAIN]: text, 'ci/base.yml': BASE, 'ci/greet.yml': GREET });
  // Only then is it known what the pipeline comes to.
  await client.diagnosed(project.uri(MAIN));
  const found = await client.request<Hover | null>('textDocument/hover', project.at);
  if (found?.range === undefined) return null;
  const { contents } = found;
  const shown = typeof contents === 'object' && 'value' in contents ? contents.value : '';
  return { on: shownRange(project.texts[MAIN] ?? '', found.range), text: shown };
}

describe('hover', () => {
  test.each([
    ['a keyword', 'a:\n  scr‸ipt: x\n', '2:3 script', ['**job:script**', 'The commands of the job']],
    ['a keyword of the root', 'sta‸ges: [x]\na: {script: x, stage: x}\n', '1:1 stages', ['**stages**']],
    ['a word', 'a:\n  script: x\n  when: man‸ual\n', '3:9 manual', ['**job:when**', '`manual`']],
    [
      'a job',
      'include: ci/base.yml\na:\n  extends: .base\n  needs: [prepare]\n  rules:\n    - if: $CI_COMMIT_BRANCH\n  script: x\nb:\n  needs: [‸a]\n  script: x\n',
      '9:11 a',
      [
        '**a** · job of stage `build`',
        'In a push pipeline it runs: Rule 1 of 1 applies.',
        '- `stage`: `build` — ci/base.yml:3, by extends `.base`',
        '- `needs`: `prepare` — .gitlab-ci.yml:4',
        '- `rules`: `$CI_COMMIT_BRANCH` → `on_success` — .gitlab-ci.yml:5',
      ],
    ],
    [
      'a job of a file with mistakes',
      'include: ci/base.yml\na‸:\n  extends: .base\n  script: x\n  oops: y\n',
      '2:1 a',
      ['**a** · job of stage `build`', '- `image`: `node` — ci/base.yml:2, by extends `.base`'],
    ],
    [
      'a template',
      'include: ci/base.yml\na:\n  extends: .b‸ase\n  script: x\n',
      '3:12 .base',
      ['**.base** · template', 'Extended by `a`', '- `variables`: `OWN` — ci/base.yml:4'],
    ],
    [
      'a variable',
      'variables: {X: one}\na:\n  variables: {X: two}\n  script: echo $‸X\n',
      '4:17 X',
      ['**X** · variable', '- `two` — `a`, .gitlab-ci.yml:3\n- `one` — the root, .gitlab-ci.yml:1'],
    ],
    [
      'a predefined variable',
      'a:\n  script: echo $CI_COMMIT_BR‸ANCH\n',
      '2:17 CI_COMMIT_BRANCH',
      ['predefined variable', 'In a push of what is checked out: `main`'],
    ],
    ['an include', 'include: ci/‸greet.yml\n', '1:10 ci/greet.yml', ['1 job, 0 templates', 'Inputs: `who`']],
    [
      'an input',
      'include:\n  - local: ci/greet.yml\n    inputs: {wh‸o: you}\n',
      '3:14 who',
      ['input of ci/greet.yml', 'Whom to greet.', 'A string, by default `me`.'],
    ],
    [
      'a stage',
      'include: ci/base.yml\na:\n  stage: bu‸ild\n  script: x\n',
      '3:10 build',
      ['stage 2 of 5', '`prepare`, `a`'],
    ],
    [
      'an alias',
      '.x: &x\n  - one\n  - two\na:\n  script: *‸x\n',
      '5:12 x',
      ['```yaml\n.x: &x\n  - one\n  - two\n```'],
    ],
    [
      'a reference',
      'include: ci/base.yml\na:\n  image: !reference [.base, im‸age]\n  script: x\n',
      '3:29 image',
      ['ci/base.yml:2', 'image: node'],
    ],
  ])('on %s', async (_what, text, on, expected) => {
    const found = await hover(text);
    expect(found?.on).toBe(on);
    for (const part of expected) expect(found?.text).toContain(part);
  });

  test.each([
    ['a script', 'a:\n  script: ma‸ke\n'],
    ['a comment', 'a:\n  script: make # he‸re\n'],
  ])('says nothing on %s', async (_what, text) => {
    expect(await hover(text)).toBeNull();
  });
});

it('outlines a file: settings, jobs by stage, templates', async () => {
  const text = `include: ci/base.yml
stages: [build, check]
variables: {X: 1}
late:
  stage: check
  script: x
early:
  extends: .base
  script: x
.template:
  script: x
`;
  using project = openProject(client, { [MAIN]: text, 'ci/base.yml': BASE });
  const symbols = await client.request<DocumentSymbol[]>('textDocument/documentSymbol', {
    textDocument: { uri: project.uri(MAIN) },
  });
  const outline = symbols.map(({ name, children }) => [name, (children ?? []).map((child) => child.name)]);
  expect(outline).toEqual([
    ['include', []],
    ['stages', []],
    ['variables', ['X']],
    ['build', ['early']],
    ['check', ['late']],
    ['templates', ['.template']],
  ]);
  const early = symbols[3]?.children?.[0];
  expect(early?.range).toEqual({ start: { line: 6, character: 0 }, end: { line: 8, character: 11 } });
});

it('links includes to their files, if they are there', async () => {
  const text = 'include:\n  - local: /ci/base.yml\n  - ci/missing.yml\n  - ci/*.yml\n';
  using project = openProject(client, { [MAIN]: text, 'ci/base.yml': BASE });
  const links = await client.request<DocumentLink[]>('textDocument/documentLink', {
    textDocument: { uri: project.uri(MAIN) },
  });
  expect(links.map(({ range, target }) => [shownRange(text, range), target])).toEqual([
    ['2:12 /ci/base.yml', project.uri('ci/base.yml')],
  ]);
});
