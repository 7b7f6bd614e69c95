import { describe, expect, it } from 'vitest';
import { pipelineSheet } from './pipeline-sheet.ts';
import { readPipeline } from './read-pipeline.ts';
import { caseContext, caseFiles, caseNames } from './test-support/cases.ts';
import { memorySources } from './test-support/memory-sources.ts';
import { contextOf } from './test-support/read-yaml.ts';

async function sheetOfText(text: string, json: Readonly<Record<string, unknown>> = {}) {
  const context = contextOf(json);
  const sources = memorySources({ '.gitlab-ci.yml': text });
  return pipelineSheet(await readPipeline({ sources, file: '.gitlab-ci.yml', context }), context);
}

async function jobOfText(text: string) {
  return [...(await sheetOfText(text)).jobs.values()].at(-1);
}

describe('a pipeline as it is compared', () => {
  it('has the keywords of its jobs, without what is not set', async () => {
    const sheet = await sheetOfText('stages: [x]\nvariables: {A: 1}\na: {stage: x, script: [make]}\n');
    expect(sheet).toEqual({
      stages: ['x'],
      settings: { 'auto_cancel:on_new_commit': 'conservative', 'auto_cancel:on_job_failure': 'none' },
      variables: { A: '1' },
      jobs: new Map([
        [
          'a',
          {
            ...{ kind: 'build', stage: 'x', script: ['make'], variables: { A: '1' } },
            ...{ when: 'on_success', allow_failure: false, interruptible: false },
          },
        ],
      ]),
    });
  });

  it.each<[string, object]>([
    ['image: a', { image: 'a' }],
    [
      'image: {name: a, entrypoint: [sh], docker: {user: u}}',
      { image: { name: 'a', entrypoint: ['sh'], user: 'u' } },
    ],
    [
      'services: [a, {name: b, alias: c, variables: {Aa: x}}]',
      { services: ['a', expect.objectContaining({ name: 'b', aliases: ['c'] })] },
    ],
    ['cache: {key: k, paths: [p]}', { cache: [{ key: 'k', paths: ['p'] }] }],
    [
      'cache: {key: {files: [f], prefix: p}, paths: [p], policy: pull}',
      { cache: [{ key: { files: ['f'], prefix: 'p' }, policy: 'pull' }] },
    ],
    [
      'artifacts: {paths: [p], reports: {junit: j}}',
      { artifacts: { paths: ['p'], reports: { junit: ['j'] } } },
    ],
    ['artifacts: {paths: [p], when: always}', { artifacts: { when: 'always' } }],
    ['allow_failure: {exit_codes: 3}', { allow_failure: { exit_codes: [3] } }],
    ['environment: e', { environment: 'e' }],
    ['needs: []', { needs: 'none' }],
    ['parallel: 3', { parallel: 3 }],
    ['timeout: 1 minute', { timeout: 60 }],
    [
      'variables: {camelCase: {value: x, expand: false}}',
      { variables: { camelCase: { value: 'x', expand: false } } },
    ],
    ['hooks: {pre_get_sources_script: [h]}', { 'hooks:pre_get_sources_script': ['h'] }],
    ['rules: [{if: $A}, [{when: manual}]]', { rules: [{ if: '$A' }, { when: 'manual' }] }],
    ['only: [main]', { only: ['main'] }],
    ['secrets: {A: {vault: v}}', { secrets: { A: { vault: 'v' } } }],
  ])('%s', async (keyword, expected) => {
    expect(await jobOfText(`a: {script: x, ${keyword}}\n`)).toMatchObject(expected);
  });

  it('of needs tells what is not as usual', async () => {
    const text = 'b: {script: x}\nc: {script: x}\na: {script: x, needs: [b, {job: c, artifacts: false}]}\n';
    expect(await jobOfText(text)).toMatchObject({ needs: ['b', { job: 'c', artifacts: false }] });
  });

  it.each<[string, object]>([
    ['trigger: g/p', { trigger: { project: 'g/p' } }],
    [
      'trigger: {include: [{local: a.yml, inputs: {camelCase: 1}}], strategy: depend}',
      { trigger: { include: [{ local: 'a.yml', inputs: { camelCase: 1 } }], strategy: 'depend' } },
    ],
    [
      'trigger: {include: [{artifact: a.yml, job: b}]}',
      { trigger: { include: [{ artifact: 'a.yml', job: 'b' }] } },
    ],
  ])('%s', async (keyword, expected) => {
    expect(await jobOfText(`b: {stage: build, script: x}\na: {${keyword}}\n`)).toMatchObject(expected);
  });

  it('holds no secret', async () => {
    const text = 'a: {script: "use s3cret", variables: {A: s3cret}, rules: [{if: $A == "s3cret"}]}\n';
    const sheet = await sheetOfText(text, { project_variables: { S: { value: 's3cret', masked: true } } });
    expect(sheet.jobs.size).toBe(1);
    expect(JSON.stringify([...sheet.jobs])).not.toContain('s3cret');
  });

  it.each(caseNames())('of case %s has each job of the plan', async (name) => {
    const context = caseContext(name);
    const sources = memorySources(caseFiles(name));
    const reading = await readPipeline({ sources, file: '.gitlab-ci.yml', context });
    const { jobs } = pipelineSheet(reading, context);
    expect([...jobs.keys()]).toEqual((reading.plan?.jobs ?? []).map((job) => job.name));
  });
});
