import { afterAll, describe, expect, it, test } from 'vitest';
import type { Location, WorkspaceEdit } from 'vscode-languageserver/node';
import { type LanguageClient, startClient } from './test-support/language-client.ts';
import { type MarkedProject, openProject, shownRange } from './test-support/marked-project.ts';

const client: LanguageClient = await startClient();
afterAll(() => client.end());

const MAIN = '.gitlab-ci.yml';

/** `ci/base.yml 3:1 build` */
function shown(project: MarkedProject, { uri, range }: Location): string {
  const path = Object.keys(project.texts).find((one) => project.uri(one) === uri) ?? uri;
  return `${path} ${shownRange(project.texts[path] ?? '', range)}`;
}

const JOBS = `include: [ci/base.yml]
stages: [build, test]
variables:
  COLOUR: red
build:
  stage: build
  script: echo $COLOUR
deploy:
  extends: [.base]
  stage: test
  needs: [build, {job: lint, optional: true}]
  dependencies: ["build"]
  variables:
    COLOUR: blue
  environment: {name: x, on_stop: stop}
  script:
    - !reference [.base, script]
    - echo \${COLOUR}
stop:
  script: 'true'
  environment: {name: x, action: stop}
`;

const BASE = `.base:
  extends: .root
  rules:
    - if: $COLOUR
      needs: [build]
.root:
  script: make
lint:
  script: lint
  stage: build
`;

async function locations(
  method: string,
  files: Readonly<Record<string, string>>,
  more: object = {},
): Promise<readonly string[]> {
  using project = openProject(client, files);
  const found = await client.request<Location[] | null>(method, { ...project.at, ...more });
  return (found ?? []).map((location) => shown(project, location));
}

/** The text with the cursor before the nth time (from 1) that a part of it occurs. */
function at(text: string, part: string, nth = 1): string {
  let offset = -1;
  for (let count = 0; count < nth; count++) offset = text.indexOf(part, offset + 1);
  return `${text.slice(0, offset)}‸${text.slice(offset)}`;
}

describe('go to definition', () => {
  test.each([
    ['a needed job', at(JOBS, 'build, {job'), [`${MAIN} 5:1 build`]],
    ['a needed job in a mapping', at(JOBS, 'lint, opt'), ['ci/base.yml 8:1 lint']],
    ['a job to take artifacts from', at(JOBS, 'build"]'), [`${MAIN} 5:1 build`]],
    ['a template', at(JOBS, '.base]'), ['ci/base.yml 1:1 .base']],
    ['the job that stops', at(JOBS, 'stop}'), [`${MAIN} 19:1 stop`]],
    ['a stage', at(JOBS, 'test\n  needs'), [`${MAIN} 2:17 test`]],
    ['the job of a reference', at(JOBS, '.base, script'), ['ci/base.yml 1:1 .base']],
    ['the key of a reference, inherited', at(JOBS, 'script]'), ['ci/base.yml 7:3 script']],
    ['a variable, the nearest first', at(JOBS, 'COLOUR}'), [`${MAIN} 14:5 COLOUR`, `${MAIN} 4:3 COLOUR`]],
    ['a variable of the root', at(JOBS, 'COLOUR\ndeploy'), [`${MAIN} 4:3 COLOUR`]],
    ['an included file', at(JOBS, 'ci/base'), ['ci/base.yml 1:1 ']],
    ['a definition stays', at(JOBS, 'deploy:'), [`${MAIN} 8:1 deploy`]],
    ['a script leads nowhere', at(JOBS, 'echo $'), []],
  ])('%s', async (_what, text, expected) => {
    const found = await locations('textDocument/definition', { [MAIN]: text, 'ci/base.yml': BASE });
    expect(found).toEqual(expected);
  });

  it('finds the job behind what parallel made of its name', async () => {
    const text = 'a b:\n  parallel: 3\n  script: x\nc:\n  needs: ["a b 1/3‸"]\n  script: x\n';
    expect(await locations('textDocument/definition', { [MAIN]: text })).toEqual([`${MAIN} 1:1 a b`]);
  });

  it('takes an alias to the nearest anchor before it', async () => {
    const text = '.a: &x {image: a}\n.b: &x {image: b}\nc:\n  <<: *x‸\n  script: y\n.d: &x {}\n';
    expect(await locations('textDocument/definition', { [MAIN]: text })).toEqual([`${MAIN} 2:6 x`]);
  });

  it('follows inputs to the header, also from the including file', async () => {
    const header = 'spec:\n  inputs:\n    who:\n---\na:\n  script: echo $[[ inputs.who ]]\n';
    const include = 'include:\n  - local: ci/a.yml\n    inputs:\n      who‸: me\n';
    expect(await locations('textDocument/definition', { [MAIN]: include, 'ci/a.yml': header })).toEqual([
      'ci/a.yml 3:5 who',
    ]);
    const use = at(header, 'who ]]');
    expect(await locations('textDocument/definition', { [MAIN]: use })).toEqual([`${MAIN} 3:5 who`]);
  });

  it('opens all files of a wildcard', async () => {
    const files = { [MAIN]: 'include: ci/‸*.yml\n', 'ci/a.yml': BASE, 'ci/b.yml': BASE };
    expect(await locations('textDocument/definition', files)).toEqual(['ci/a.yml 1:1 ', 'ci/b.yml 1:1 ']);
  });

  it('works from an included file, and in a child pipeline', async () => {
    const files = { [MAIN]: JOBS, 'ci/base.yml': at(BASE, 'build]') };
    expect(await locations('textDocument/definition', files)).toEqual([`${MAIN} 5:1 build`]);
    const child = {
      [MAIN]: 'a:\n  trigger: {include: ci/child.yml}\n',
      'ci/child.yml': at(JOBS, 'build, {job'),
    };
    expect(await locations('textDocument/definition', child)).toEqual(['ci/child.yml 5:1 build']);
  });

  it('still finds names when a line is broken', async () => {
    const text = 'a:\n  script: x\n  oops\n  tags: [y]\nb:\n  needs: [a‸]\n  stage: "z\n';
    expect(await locations('textDocument/definition', { [MAIN]: text })).toEqual([`${MAIN} 1:1 a`]);
  });
});

describe('find references', () => {
  const all = { context: { includeDeclaration: true } };

  it('finds a job wherever it is named', async () => {
    const files = { [MAIN]: at(JOBS, 'build:\n'), 'ci/base.yml': BASE };
    expect(await locations('textDocument/references', files, all)).toEqual([
      'ci/base.yml 5:15 build',
      `${MAIN} 5:1 build`,
      `${MAIN} 11:11 build`,
      `${MAIN} 12:19 build`,
    ]);
  });

  it('leaves the declaration out when asked to', async () => {
    const files = { [MAIN]: at(JOBS, 'stop:\n'), 'ci/base.yml': BASE };
    const found = await locations('textDocument/references', files, {
      context: { includeDeclaration: false },
    });
    expect(found).toEqual([`${MAIN} 15:35 stop`]);
  });

  it('finds variables in scripts and rules', async () => {
    const files = { [MAIN]: at(JOBS, 'COLOUR: red'), 'ci/base.yml': BASE };
    expect(await locations('textDocument/references', files, all)).toEqual([
      'ci/base.yml 4:12 COLOUR',
      `${MAIN} 4:3 COLOUR`,
      `${MAIN} 7:17 COLOUR`,
      `${MAIN} 14:5 COLOUR`,
      `${MAIN} 18:14 COLOUR`,
    ]);
  });

  it('finds a stage', async () => {
    const files = { [MAIN]: at(JOBS, 'build, test'), 'ci/base.yml': BASE };
    expect(await locations('textDocument/references', files, all)).toEqual([
      'ci/base.yml 10:10 build',
      `${MAIN} 2:10 build`,
      `${MAIN} 6:10 build`,
    ]);
  });

  it('keeps anchors of the same name apart', async () => {
    const text = '.a: &x‸ {image: a}\nb:\n  <<: *x\n  script: y\n.c: &x {}\nd:\n  <<: *x\n  script: y\n';
    expect(await locations('textDocument/references', { [MAIN]: text }, all)).toEqual([
      `${MAIN} 1:6 x`,
      `${MAIN} 3:8 x`,
    ]);
  });
});

describe('rename a job', () => {
  async function rename(
    files: Readonly<Record<string, string>>,
    newName: string,
  ): Promise<Readonly<Record<string, string>>> {
    using project = openProject(client, files);
    const edit = await client.request<WorkspaceEdit>('textDocument/rename', { ...project.at, newName });
    const changed: Record<string, string> = {};
    for (const [path, text] of Object.entries(project.texts)) {
      const lines = text.split('\n');
      for (const { range, newText } of (edit.changes?.[project.uri(path)] ?? []).toReversed()) {
        const line = lines[range.start.line] ?? '';
        lines[range.start.line] =
          line.slice(0, range.start.character) + newText + line.slice(range.end.character);
      }
      if (edit.changes?.[project.uri(path)] !== undefined) changed[path] = lines.join('\n');
    }
    return changed;
  }

  it('changes every mention in every file', async () => {
    const files = { [MAIN]: at(JOBS, 'build, {job'), 'ci/base.yml': BASE };
    const changed = await rename(files, 'compile');
    expect(changed[MAIN]).toBe(
      JOBS.replace('build:\n', 'compile:\n')
        .replace('[build, {', '[compile, {')
        .replace('"build"', '"compile"'),
    );
    expect(changed['ci/base.yml']).toBe(BASE.replace('[build]', '[compile]'));
  });

  it('puts quotes where the new name needs them', async () => {
    const text = "a‸:\n  script: x\nb:\n  needs: [a, 'a']\n  dependencies:\n    - a\n";
    expect((await rename({ [MAIN]: text }, "it's: [x]"))[MAIN]).toBe(
      `"it's: [x]":\n  script: x\nb:\n  needs: ["it's: [x]", 'it''s: [x]']\n  dependencies:\n    - "it's: [x]"\n`,
    );
  });

  it('keeps what parallel adds, and finds names behind aliases', async () => {
    const text =
      'a‸:\n  parallel: 2\n  script: x\nb:\n  needs: ["a 1/2"]\n.list: &list [a]\nc:\n  needs: *list\n  script: x\n';
    expect((await rename({ [MAIN]: text }, 'z'))[MAIN]).toBe(
      'z:\n  parallel: 2\n  script: x\nb:\n  needs: ["z 1/2"]\n.list: &list [z]\nc:\n  needs: *list\n  script: x\n',
    );
  });

  test.each([
    ['another job has the name', 'a‸: {script: x}\nb: {script: x}\n', 'b', 'There is a job b already.'],
    [
      'it is a keyword',
      'a‸: {script: x}\n',
      'stages',
      'stages cannot be the name of a job: it is a keyword.',
    ],
    ['it is empty', 'a‸: {script: x}\n', ' ', 'The new name is empty.'],
    ['it would hide the job', 'a‸: {script: x}\n', '.a', 'With a dot in front'],
    ['it would show the template', '.a‸: {script: x}\n', 'a', 'Without the dot'],
    ['it is no job', 'stages: [x‸]\n', 'y', 'Only the name of a job can be renamed.'],
    ['nothing is called so', 'a: {script: x, needs: [q‸]}\n', 'y', 'No job is called q'],
    ['a site is made by its name', 'pages‸: {script: x}\n', 'y', 'because it is called pages'],
  ])('refuses when %s', async (_what, text, newName, reason) => {
    await expect(rename({ [MAIN]: text }, newName)).rejects.toThrow(reason);
  });

  it('says beforehand what would be renamed', async () => {
    using project = openProject(client, { [MAIN]: 'abc:\n  script: x\nb:\n  needs: [a‸bc]\n' });
    expect(await client.request('textDocument/prepareRename', project.at)).toEqual({
      placeholder: 'abc',
      range: { start: { line: 3, character: 10 }, end: { line: 3, character: 13 } },
    });
  });
});
