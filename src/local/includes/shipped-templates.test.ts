import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { contextFromJson, readPipeline } from '../../config/index.ts';
import { readShippedTemplate, shippedTemplates } from '../../includes/index.ts';
import { openSources } from './open-sources.ts';

const made: string[] = [];
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

/** A project that includes the template, and has the files. */
async function plan(template: string, files: readonly string[], context: object, inputs: object = {}) {
  const root = mkdtempSync(join(tmpdir(), 'slipway-template-'));
  made.push(root);
  const include = JSON.stringify([{ template, inputs }]);
  for (const [path, text] of [
    ['.gitlab-ci.yml', `include: ${include}\n`],
    ...files.map((file) => [file, '']),
  ]) {
    mkdirSync(dirname(join(root, path ?? '')), { recursive: true });
    writeFileSync(join(root, path ?? ''), text ?? '');
  }
  const sources = openSources({
    root,
    ownPath: 'group/own',
    server: null,
    checkouts: new Map(),
    allowedHosts: [],
    mode: 'offline',
    environment: { HOME: root },
    warn: (message) => expect.unreachable(message),
  });
  const read = await readPipeline({
    sources,
    file: '.gitlab-ci.yml',
    context: contextFromJson(context).context,
  });
  expect(
    read.problems.filter(({ severity, code }) => severity === 'error' || code !== 'keyword-not-acted-on'),
  ).toEqual([]);
  return read.plan?.jobs.map(({ name }) => name) ?? [];
}

const BRANCH = { ref: 'main', source: 'push', changed_files: null };
const MERGE_REQUEST = { ref: 'topic', source: 'merge_request_event', changed_files: null };

describe('each template reads without a mistake and plans its jobs', () => {
  test.each<[string, readonly string[], object, object, readonly string[]]>([
    ['Node', [], BRANCH, {}, ['node:build', 'node:lint', 'node:test']],
    [
      'Python',
      ['pyproject.toml'],
      BRANCH,
      { versions: ['3.11', '3.14'] },
      ['python:package', 'python:test: [3.11]', 'python:test: [3.14]', 'python:lint'],
    ],
    ['Go', [], BRANCH, {}, ['go:build', 'go:vet', 'go:test']],
    ['Docker', ['Dockerfile'], BRANCH, {}, ['docker:build', 'docker:release']],
    ['Docker', ['Dockerfile'], { ...BRANCH, ref: 'topic' }, {}, ['docker:build']],
    ['Pages', [], BRANCH, { build: 'make site' }, ['pages']],
    ['Pages', [], MERGE_REQUEST, {}, ['site:check']],
    [
      'Terraform',
      [],
      BRANCH,
      {},
      ['terraform:plan', 'terraform:fmt', 'terraform:validate', 'terraform:apply'],
    ],
    [
      'Security',
      ['go.mod'],
      BRANCH,
      { blocking: true },
      ['security:secrets', 'security:dependencies', 'security:go'],
    ],
    ['Security', ['a/b.py'], BRANCH, {}, ['security:secrets', 'security:dependencies', 'security:python']],
  ])('%s with %j for %j and %j', async (name, files, context, inputs, jobs) => {
    expect(await plan(`Slipway/${name}.gitlab-ci.yml`, files, context, inputs)).toEqual(jobs);
  });

  test('none is left out above', () => {
    const names = ['Docker', 'Go', 'Node', 'Pages', 'Python', 'Security', 'Terraform'];
    expect([...shippedTemplates().keys()]).toEqual(names.map((name) => `Slipway/${name}.gitlab-ci.yml`));
  });
});

test.each([
  ['Nodejs.gitlab-ci.yml', ['Slipway/Node.gitlab-ci.yml']],
  ['Terraform/Base.latest.gitlab-ci.yml', ['Slipway/Terraform.gitlab-ci.yml']],
  ['Security/SAST.gitlab-ci.yml', ['Slipway/Security.gitlab-ci.yml']],
  ['Pyhton.gitlab-ci.yml', ['Slipway/Python.gitlab-ci.yml']],
  ['Node.gitlab-ci.yml', ['Slipway/Node.gitlab-ci.yml']],
  ['Ruby.gitlab-ci.yml', []],
  ['x'.repeat(100_000), []],
])('%.50s is none, and like %j', async (name, near) => {
  expect(await readShippedTemplate(name)).toEqual({ kind: 'absent', near });
});

test('the page of templates tells of each, and of each of its inputs', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/reference/templates.md'), 'utf8');
  for (const [name, text] of shippedTemplates()) {
    expect(page).toContain(`\`${name}\``);
    const inputs = /inputs:\n([\s\S]*?)\n---/.exec(text)?.[1] ?? '';
    for (const [, input] of inputs.matchAll(/^ {4}(\w+):/gm)) expect(page).toContain(`\`${input}\``);
  }
});
