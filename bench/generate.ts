import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Makes a git repository of these files in a temporary folder, calls `use` with it and removes it. */
export async function withRepository<T>(
  files: Readonly<Record<string, string>>,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-bench-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const git = (...args: readonly string[]) =>
      execFileSync('git', ['-C', folder, ...args], { stdio: 'ignore' });
    git('init', '-q', '-b', 'main');
    git('add', '-A');
    git('-c', 'user.name=Bench', '-c', 'user.email=bench@localhost', 'commit', '-q', '-m', 'Bench');
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * The files of a pipeline of exactly `count` jobs as large projects have them: 50 included files (fewer when there are
 * fewer jobs), each with a template of its own that extends a common one; of ten jobs four come out of one matrix;
 * every job has rules with expressions, variables, a cache, artifacts, and from the second stage on two needs.
 */
export function listPipeline(count: number): Readonly<Record<string, string>> {
  const definitions = splitUp(count);
  const parts = Math.min(50, Math.ceil(definitions.length / 2));
  const perStage = Math.ceil(definitions.length / STAGES);
  const texts = Array.from({ length: parts }, (_, part) => partHead(part));
  for (const [index, instances] of definitions.entries()) {
    const part = index % parts;
    texts[part] += jobText(index, part, perStage, instances);
  }
  return {
    '.gitlab-ci.yml': rootText(parts),
    ...Object.fromEntries(texts.map((text, part) => [`ci/part-${part}.yml`, text])),
  };
}

/** The same kind of pipeline as one file of about so many bytes (five jobs at least). */
export function onePipelineFile(bytes: number): Readonly<Record<string, string>> {
  const perJob = textOf(listPipeline(1000)).length / 1000;
  const text = textOf(listPipeline(Math.max(5, Math.round(bytes / perJob))));
  return { '.gitlab-ci.yml': text };
}

/** All files in one, in place of the includes. */
function textOf(files: Readonly<Record<string, string>>): string {
  const { '.gitlab-ci.yml': root = '', ...parts } = files;
  return root.slice(0, root.indexOf('include:')) + Object.values(parts).join('');
}

/** How many jobs each definition makes: six single ones and a matrix of four, again and again. */
function splitUp(count: number): readonly number[] {
  const definitions: number[] = [];
  let left = count;
  while (left >= 10) {
    definitions.push(1, 1, 1, 1, 1, 1, 4);
    left -= 10;
  }
  while (left > 0) {
    const instances = left === 5 ? 2 : 1;
    definitions.push(instances);
    left -= instances;
  }
  return definitions;
}

const STAGES = 10;

function rootText(parts: number): string {
  const includes = Array.from({ length: parts }, (_, part) => `  - local: ci/part-${part}.yml`).join('\n');
  const stages = Array.from({ length: STAGES }, (_, stage) => `stage-${stage}`).join(', ');
  return `stages: [${stages}]
variables:
  REGISTRY: registry.example.com
  DEPLOY: "false"
workflow:
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
      variables: { DEPLOY: "true" }
    - if: $CI_COMMIT_TAG
default:
  retry: { max: 2, when: [runner_system_failure] }
  interruptible: true
.setup:
  script: ['echo setting up', 'mkdir -p out']
.base:
  image: $REGISTRY/tools:1.0
  before_script: &before
    - !reference [.setup, script]
    - echo "$CI_JOB_NAME"
  cache: { key: $CI_COMMIT_REF_SLUG, paths: [.cache/] }
  artifacts: { paths: [out/], expire_in: 1 week }
include:
${includes}
`;
}

function partHead(part: number): string {
  return `.part-${part}:
  extends: .base
  variables: { PART: "${part}", LEVEL: low }
  tags: [linux, part-${part}]
`;
}

function jobText(index: number, part: number, perStage: number, instances: number): string {
  const stage = Math.floor(index / perStage);
  const before = (stage - 1) * perStage;
  const [first, second] = [before + (index % perStage), before + ((index + 1) % perStage)];
  const more = first === second ? '' : `, { job: job-${second}, artifacts: false }`;
  const needs = stage === 0 ? '' : `  needs: [job-${first}${more}]\n`;
  const matrix =
    instances === 1
      ? ''
      : `  parallel: { matrix: [{ VARIANT: [${'abcd'.slice(0, instances).split('').join(', ')}] }] }\n`;
  return `job-${index}:
  extends: .part-${part}
  stage: stage-${stage}
  variables: { LEVEL: high, INDEX: "${index}" }
  script:
    - make build-${index} LEVEL=$LEVEL
    - make test-${index} > out/${index}.txt
${needs}${matrix}  rules:
    - if: $CI_COMMIT_TAG =~ /^v\\d+/ && $DEPLOY == "true"
      when: manual
    - if: $SKIP_${index % 7} == "yes" || ($CI_PIPELINE_SOURCE == "schedule" && $NIGHTLY != "1")
      when: never
    - changes: ["src/part-${part}/**/*", "*.md"]
      variables: { CHANGED: "1" }
    - when: on_success
`;
}
