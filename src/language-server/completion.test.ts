import { afterAll, describe, expect, it, test } from 'vitest';
import type { CompletionItem } from 'vscode-languageserver/node';
import { type LanguageClient, startClient } from './test-support/language-client.ts';
import { openProject } from './test-support/marked-project.ts';

const client: LanguageClient = await startClient();

const BASE = `.base:
  image: node
  stage: build
  variables:
    OWN: 1
prepare:
  stage: build
  script: [make]
`;

const COMPONENT = `spec:
  inputs:
    who:
      default: me
      description: Whom to greet.
    how:
---
greet:
  script: echo $[[ inputs.who ]]
`;

const project = openProject(client, { '.gitlab-ci.yml': '', 'ci/base.yml': BASE, 'ci/greet.yml': COMPONENT });
afterAll(async () => {
  project[Symbol.dispose]();
  await client.end();
});

async function complete(text: string): Promise<readonly CompletionItem[]> {
  const position = project.change('.gitlab-ci.yml', text);
  const params = { ...project.at, position };
  return (await client.request<CompletionItem[] | null>('textDocument/completion', params)) ?? [];
}

const WITH_BASE = 'include: ci/base.yml\n';

describe('what is offered at a place', () => {
  test.each([
    ['a keyword at the root', 'st‸', ['stages: ']],
    ['a keyword of a job', 'a:\n  script: x\n  art‸\n', ['artifacts: ']],
    ['a keyword before the others', 'a:\n  art‸\n  script: x\n', ['artifacts: ']],
    ['no second colon', 'a:\n  art‸: {}\n', ['artifacts']],
    ['a keyword of artifacts', 'a:\n  artifacts:\n    ‸\n    paths: [x]\n', ['reports: ', 'expire_in: ']],
    ['a kind of report', 'a:\n  artifacts:\n    reports:\n      ‸\n', ['junit: ']],
    ['a keyword of a rule', 'a:\n  rules:\n    - ‸\n', ['if: ', 'changes: ']],
    ['a second keyword of a rule', 'a:\n  rules:\n    - if: $X\n      ‸\n', ['when: ', 'changes: ']],
    ['a keyword of default', 'default:\n  ‸\n', ['image: ', 'retry: ']],
    ['a keyword of the workflow', 'workflow:\n  ‸\n', ['rules: ', 'name: ']],
    ['a keyword of a trigger', 'a:\n  trigger:\n    ‸\n', ['include: ', 'strategy: ']],
    ['a keyword of a cache in a list', 'a:\n  cache:\n    - key: x\n      ‸\n', ['policy: ']],
    ['a kind of include', 'include:\n  - ‸\n', ['local: ', 'template: ']],
    ['a keyword of the header', 'spec:\n  ‸\n---\na:\n  script: x\n', ['inputs: ']],
    ['a keyword in a {mapping}', 'a:\n  artifacts: {‸}\n', ['paths: ']],
    ['a stage', 'stages: [build, check]\na:\n  stage: ‸\n', ['build', 'check', '.post']],
    ['a stage in quotes', 'stages: [build, check]\na:\n  stage: "‸"\n', ['check']],
    ['a word of an enum', 'a:\n  when: ‸\n', ['manual', 'delayed']],
    ['a word on a line of its own', 'a:\n  when:\n    ‸\n', ['manual']],
    ['a word of a rule', 'a:\n  rules:\n    - when: ‸\n', ['never']],
    ['a policy', 'a:\n  cache:\n    policy: ‸\n', ['pull-push', 'pull']],
    ['a boolean', 'a:\n  interruptible: ‸\n', ['true', 'false']],
    ['a job to need', `${WITH_BASE}a:\n  needs: [‸\nb:\n  script: [x]\n`, ['prepare', 'b']],
    ['a job to need, as an item', `${WITH_BASE}a:\n  needs:\n    - ‸\n`, ['prepare', 'job: ']],
    ['a job to need, in a mapping', `${WITH_BASE}a:\n  needs: [{job: ‸}]\n`, ['prepare']],
    ['a template to extend', `${WITH_BASE}a:\n  extends: ‸\n`, ['.base', 'prepare']],
    ['a job to depend on', `${WITH_BASE}a:\n  dependencies: [‸]\n`, ['prepare']],
    ['a job that stops', `${WITH_BASE}a:\n  environment:\n    on_stop: ‸\n`, ['prepare']],
    ['a name that needs quotes', 'a:\n  needs: [‸]\n"b: [c]":\n  script: x\n', ['"b: [c]"']],
    ['a job to refer to', `${WITH_BASE}a:\n  script:\n    - !reference [‸]\n`, ['.base', 'prepare']],
    ['a key to refer to', `${WITH_BASE}a:\n  script: !reference [.base, ‸]\n`, ['image', 'variables']],
    ['a deeper key', `${WITH_BASE}a:\n  script: !reference [.base, variables, ‸]\n`, ['OWN']],
    ['an own variable', `${WITH_BASE}a:\n  extends: .base\n  script:\n    - |\n      echo $‸\n`, ['OWN']],
    ['a variable of the root', 'variables: {ROOT: 1}\na:\n  rules:\n    - if: $RO‸\n', ['ROOT']],
    ['a predefined variable', 'a:\n  script: echo ${CI_‸\n', ['CI_COMMIT_SHA', 'CI_JOB_NAME']],
    ['an inherited variable', 'variables: {ROOT: 1}\na:\n  inherit:\n    variables: [‸]\n', ['ROOT']],
    ['a file', 'include:\n  - local: ‸\n', ['ci/base.yml', 'ci/greet.yml']],
    ['a file of a child pipeline', 'a:\n  trigger:\n    include: ‸\n', ['ci/base.yml']],
    ['an input to give', 'include:\n  - local: ci/greet.yml\n    inputs:\n      ‸\n', ['who: ', 'how: ']],
    ['an input to use', `${COMPONENT}b:\n  script: echo $[[ ‸\n`, ['inputs.who']],
    ['an input after its prefix', `${COMPONENT}b:\n  script: echo $[[ inputs.‸ ]]\n`, ['who']],
    ['an anchor', '.x: &shared {}\na:\n  <<: *‸\n', ['shared']],
    ['a keyword in spite of a mistake elsewhere', 'b:\n  needs: [\na:\n  scr‸\n', ['script: ']],
    ['a keyword in spite of one in the same job', 'a:\n  needs: ["x\n  scr‸\n', ['script: ']],
    ['a keyword with CRLF', 'a:\r\n  script: x\r\n  art‸\r\n', ['artifacts: ']],
  ])('%s', async (_what, text, expected) => {
    const inserted = (await complete(text)).map((item) => item.textEdit?.newText);
    expect(inserted).toEqual(expect.arrayContaining([...expected]));
  });

  test.each([
    ['in a comment', 'a:\n  script: x # ‸\n'],
    ['in a script', 'a:\n  script:\n    - |\n      if: ‸\n'],
    ['as an anchor that comes later', 'a:\n  <<: *‸\n.x: &later {}\n'],
  ])('nothing %s', async (_what, text) => {
    expect(await complete(text)).toEqual([]);
  });

  it('offers no key twice, and a job not to itself', async () => {
    const keys = (await complete('a:\n  stage: x\n  st‸\n')).map(({ label }) => label);
    expect(keys).toContain('start_in');
    expect(keys).not.toContain('stage');
    const jobs = (await complete('a:\n  needs: [‸]\nb:\n  script: x\n')).map(({ label }) => label);
    expect(jobs).toEqual(['b']);
  });
});

it('replaces what is typed, and tells what it offers', async () => {
  const [item] = (await complete('a:\n  script: x\n  arti‸\n')).filter(({ label }) => label === 'artifacts');
  expect(item).toMatchObject({
    detail: 'job:artifacts',
    documentation: { kind: 'markdown', value: expect.stringContaining('Files that the job leaves behind') },
    textEdit: { range: { start: { line: 2, character: 2 }, end: { line: 2, character: 6 } } },
  });
});

it('counts columns in UTF-16 units, as the protocol does', async () => {
  const [item] = await complete('stages: ["🚀", check]\na:\n  needs: ["🚀🚀", ‸]\nb: {script: x}\n');
  expect(item?.textEdit).toMatchObject({ newText: 'b', range: { start: { line: 2, character: 18 } } });
});

it('tells what a variable holds', async () => {
  const items = await complete('variables: {ROOT: seven}\na:\n  script: echo $‸\n');
  const of = (name: string) => items.find(({ label }) => label === name);
  expect(of('ROOT')).toMatchObject({ detail: 'variable of the root', documentation: { value: '`seven`' } });
  expect(of('CI_COMMIT_BRANCH')?.detail).toBe('predefined');
});
