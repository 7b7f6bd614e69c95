import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import {
  type JobRow,
  latestJobs,
  type PipelineRow,
  pipelineById,
  pipelineOfBridge,
} from '../../store/index.ts';
import { traceKey } from '../broker/trace-marks.ts';
import {
  eventually,
  finishJob,
  statusesOf,
  takeIfAny,
  takeJob,
  uploadArtifact,
} from '../test-support/driven-jobs.ts';
import { startTestedServer, type TestedServer } from '../test-support/running-server.ts';
import { zipOf } from '../test-support/zip-of.ts';
import { createDownstream, type Downstream } from './downstream.ts';

const CHILD = `
unit:
  script: [make test]
`;

test('a child runs with the commit of its parent, and its end is that of the job that started it', async () => {
  const tested = await startTestedServer();
  await tested.push({
    'child.yml': CHILD,
    '.gitlab-ci.yml': `
variables: {FLAVOR: "sweet $CI_COMMIT_REF_NAME"}
parts:
  trigger: {include: child.yml, strategy: depend}
after:
  stage: deploy
  script: [make deploy]
`,
  });
  const unit = await takeJob(tested);
  expect(unit.name).toBe('unit');
  expect(unit.variables).toMatchObject({
    CI_PIPELINE_SOURCE: 'parent_pipeline',
    CI_UPSTREAM_PIPELINE_ID: '1',
    CI_UPSTREAM_PROJECT_ID: String(tested.projectId),
    CI_UPSTREAM_JOB_ID: String(await jobId(tested, 1, 'parts')),
    FLAVOR: 'sweet main',
    CI_CONFIG_PATH: '.gitlab-ci.yml',
  });
  expect(await statusesOf(tested, 1)).toEqual({ parts: 'running', after: 'created' });
  const [parent, child] = [await pipeline(tested, 1), await downstreamOf(tested, 'parts')];
  expect(child).toMatchObject({ sha: parent.sha, ref: 'main', root_id: 1, source: 'parent_pipeline' });
  await finishJob(tested, unit);
  expect((await takeJob(tested)).name).toBe('after');
  expect(await statusesOf(tested, 1)).toEqual({ parts: 'success', after: 'running' });
});

test('a child is made of a file that a job has kept', async () => {
  const tested = await startTestedServer();
  await tested.push({
    '.gitlab-ci.yml': `
generate:
  stage: build
  script: [make]
  artifacts: {paths: [out]}
parts:
  trigger: {include: [{artifact: out/parts.yml, job: generate}], strategy: depend}
`,
  });
  const generate = await takeJob(tested);
  const bytes = zipOf('out/parts.yml', CHILD);
  await uploadArtifact(tested, generate, { name: 'artifacts.zip', bytes, type: 'archive', format: 'zip' });
  await finishJob(tested, generate);
  expect((await takeJob(tested)).name).toBe('unit');
});

test('a child is made of files of several places at once', async () => {
  const files = createServer((_request, response) => response.end('remote:\n  script: [make]\n'));
  await new Promise<void>((resolve) => files.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void files.close());
  const address = files.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const tested = await startTestedServer({ allowedHosts: ['127.0.0.1'] });
  await tested.addProject('team/library', { 'ci.yml': 'shared:\n  script: [make]\n' });
  await tested.push({
    'package.json': '{}',
    'child.yml': CHILD,
    '.gitlab-ci.yml': `
generate:
  stage: build
  script: [make]
  artifacts: {paths: [out]}
parts:
  trigger:
    include:
      - local: child.yml
      - {artifact: out/parts.yml, job: generate}
      - {project: team/library, file: ci.yml, ref: main}
    strategy: depend
others:
  trigger:
    include:
      - template: Slipway/Node.gitlab-ci.yml
      - remote: http://127.0.0.1:${port}/x.yml
`,
  });
  const generate = await takeJob(tested);
  const bytes = zipOf('out/parts.yml', 'made:\n  script: [make]\n');
  await uploadArtifact(tested, generate, { name: 'artifacts.zip', bytes, type: 'archive', format: 'zip' });
  await finishJob(tested, generate);
  const names = async () => {
    const children = [await downstreamOf(tested, 'parts'), await downstreamOf(tested, 'others')];
    const jobs = await Promise.all(children.map((child) => statusesOf(tested, child?.id ?? 0)));
    return jobs.map((statuses) => Object.keys(statuses).sort());
  };
  await eventually(names).toEqual([
    ['made', 'shared', 'unit'],
    expect.arrayContaining(['node:test', 'remote']),
  ]);
});

test('inputs go down, and what the pipeline was given where the job forwards it', async () => {
  const tested = await startTestedServer();
  await tested.push(
    {
      'child.yml': `
spec: {inputs: {how: {default: slow}}}
---
unit:
  script: ["make $[[ inputs.how ]]"]
`,
      '.gitlab-ci.yml': `
variables: {OWN: upstream}
parts:
  trigger:
    include: [{local: child.yml, inputs: {how: fast}}]
    forward: {yaml_variables: false, pipeline_variables: true}
`,
    },
    '-o',
    'ci.variable=GIVEN=by push',
  );
  const unit = await takeJob(tested);
  expect(JSON.stringify(unit.wire.steps)).toContain('make fast');
  expect(unit.variables).toMatchObject({ GIVEN: 'by push' });
  expect(unit.variables).not.toHaveProperty('OWN');
});

test('the pipeline of another project runs there, for its branch, and gets what goes down', async () => {
  const tested = await startTestedServer();
  await tested.addProject('team/deploy', {
    '.gitlab-ci.yml': `roll:
  rules: [{if: '$CI_PIPELINE_SOURCE == "pipeline"'}]
  script: [echo $VERSION]
`,
  });
  await tested.push({
    '.gitlab-ci.yml': `
version:
  stage: build
  script: [make]
  artifacts: {reports: {dotenv: v.env}}
roll-out:
  variables: {VERSION: "v-$NUMBER"}
  trigger: {project: team/deploy, strategy: mirror}
`,
  });
  const version = await takeJob(tested);
  const dotenv = new TextEncoder().encode('NUMBER=7\n');
  await uploadArtifact(tested, version, { name: 'v.env', bytes: dotenv, type: 'dotenv', format: 'raw' });
  await finishJob(tested, version);
  const roll = await takeJob(tested);
  expect(roll.variables).toMatchObject({
    VERSION: 'v-7',
    CI_PIPELINE_SOURCE: 'pipeline',
    CI_PROJECT_PATH: 'team/deploy',
  });
  await finishJob(tested, roll, { state: 'failed', failure_reason: 'script_failure' });
  await eventually(() => statusesOf(tested, 1)).toEqual({ version: 'success', 'roll-out': 'failed' });
});

test.each([
  ['trigger: {include: nothing.yml}', 'downstream_pipeline_creation_failed', 'nothing.yml` does not exist'],
  ['trigger: {include: broken.yml}', 'downstream_pipeline_creation_failed', 'broken.yml:2:'],
  ['trigger: {include: none.yml}', 'downstream_pipeline_creation_failed', 'would have been empty'],
  ['trigger: team/nothing', 'downstream_bridge_project_not_found', 'there is no project'],
  ['trigger: team/app', 'invalid_bridge_trigger', 'its own project'],
  ['trigger: {project: team/other, branch: gone}', 'downstream_pipeline_creation_failed', "tag 'gone'"],
  ['needs: {pipeline: team/none}', 'upstream_bridge_project_not_found', 'no project team/none'],
])('%s fails with %s, and its log says why', async (trigger, reason, why) => {
  const tested = await startTestedServer();
  await tested.addProject('team/other', { '.gitlab-ci.yml': CHILD });
  await tested.push({
    'broken.yml': 'a:\n  scripts: [make]\n',
    'none.yml': 'a:\n  rules: [{if: "$NOBODY"}]\n  script: [make]\n',
    '.gitlab-ci.yml': `start:\n  ${trigger}\n`,
  });
  const id = await newestPipeline(tested);
  await eventually(() => jobRow(tested, id, 'start')).toMatchObject({
    status: 'failed',
    failure_reason: reason,
  });
  expect(await logOf(tested, await jobId(tested, id, 'start'))).toContain(why);
});

test('children of children are the last', async () => {
  const tested = await startTestedServer();
  await tested.push({
    '.gitlab-ci.yml': 'one:\n  trigger: {include: two.yml, strategy: depend}\n',
    'two.yml': 'two:\n  trigger: {include: three.yml, strategy: depend}\n',
    'three.yml': 'three:\n  trigger: {include: four.yml, strategy: depend}\n',
    'four.yml': CHILD,
  });
  await eventually(() => jobRow(tested, 3, 'three')).toMatchObject({
    failure_reason: 'reached_max_descendant_pipelines_depth',
  });
  await eventually(() => jobRow(tested, 1, 'one')).toMatchObject({
    status: 'failed',
    failure_reason: 'downstream_pipeline_failed',
  });
});

test('projects that trigger each other go one way round', async () => {
  const tested = await startTestedServer();
  await tested.addProject('team/other', { '.gitlab-ci.yml': 'back:\n  trigger: team/app\n' });
  await tested.push({ '.gitlab-ci.yml': 'forth:\n  trigger: team/other\n' });
  const reasons = async () =>
    (
      await tested.server.parts.store.read((db) => db.selectFrom('jobs').select('failure_reason').execute())
    ).map((row) => row.failure_reason);
  await eventually(reasons).toContain('pipeline_loop_detected');
  const made = await tested.server.parts.store.read((db) =>
    db.selectFrom('pipelines').select('id').execute(),
  );
  expect(made.length).toBeLessThan(10);
});

test('cancel goes down, and its answer up', async () => {
  const tested = await startTestedServer();
  await tested.push({
    'child.yml': CHILD,
    '.gitlab-ci.yml': 'parts:\n  trigger: {include: child.yml, strategy: depend}\n',
  });
  await eventually(() => statusesOf(tested, 1)).toEqual({ parts: 'running' });
  await tested.server.parts.pipelines.apply(1, [{ type: 'pipeline-canceled' }]);
  await eventually(() => statusesOf(tested, 2)).toEqual({ unit: 'canceled' });
  await eventually(() => statusesOf(tested, 1)).toEqual({ parts: 'canceled' });
  expect(await takeIfAny(tested)).toBeNull();
});

test('a child that no job answers for is canceled with its parent', async () => {
  const tested = await startTestedServer();
  await tested.push({
    'child.yml': CHILD,
    '.gitlab-ci.yml': `
parts:
  trigger: {include: child.yml}
slow:
  script: [make slow]
`,
  });
  await eventually(() => statusesOf(tested, 1)).toEqual({ parts: 'success', slow: 'pending' });
  await tested.server.parts.pipelines.apply(1, [{ type: 'pipeline-canceled' }]);
  await eventually(() => statusesOf(tested, 2)).toEqual({ unit: 'canceled' });
  expect(await statusesOf(tested, 1)).toEqual({ parts: 'success', slow: 'canceled' });
});

test('a trigger job that is run again has a new pipeline', async () => {
  const tested = await startTestedServer();
  await tested.push({
    'child.yml': CHILD,
    '.gitlab-ci.yml': 'parts:\n  trigger: {include: child.yml, strategy: depend}\n',
  });
  await finishJob(tested, await takeJob(tested), { state: 'failed', failure_reason: 'script_failure' });
  await eventually(() => statusesOf(tested, 1)).toEqual({ parts: 'failed' });
  await tested.server.parts.pipelines.apply(1, [{ type: 'job-retried', job: 'parts', variables: null }]);
  await finishJob(tested, await takeJob(tested));
  await eventually(() => statusesOf(tested, 1)).toEqual({ parts: 'success' });
  expect(await statusesOf(tested, 2)).toEqual({ unit: 'failed' });
  expect(await statusesOf(tested, 3)).toEqual({ unit: 'success' });
});

test('a job of a child that is run again takes the trigger job with it, and what was skipped', async () => {
  const tested = await startTestedServer();
  await tested.push({
    'child.yml': CHILD,
    '.gitlab-ci.yml': `
parts:
  trigger: {include: child.yml, strategy: depend}
after:
  stage: deploy
  script: [make deploy]
`,
  });
  await finishJob(tested, await takeJob(tested), { state: 'failed', failure_reason: 'script_failure' });
  await eventually(() => statusesOf(tested, 1)).toEqual({ parts: 'failed', after: 'skipped' });
  await tested.server.parts.pipelines.apply(2, [{ type: 'job-retried', job: 'unit', variables: null }]);
  await eventually(() => statusesOf(tested, 1)).toEqual({ parts: 'running', after: 'created' });
  await finishJob(tested, await takeJob(tested));
  expect((await takeJob(tested)).name).toBe('after');
  expect(await statusesOf(tested, 1)).toEqual({ parts: 'success', after: 'running' });
});

test('a job shows the newest pipeline of another project', async () => {
  const tested = await startTestedServer();
  await tested.addProject('team/other', { '.gitlab-ci.yml': CHILD });
  const unit = await takeJob(tested);
  await tested.push({ '.gitlab-ci.yml': 'shown:\n  needs: {pipeline: team/other}\n' });
  await eventually(() => statusesOf(tested, 2)).toEqual({ shown: 'running' });
  await finishJob(tested, unit);
  await eventually(() => statusesOf(tested, 2)).toEqual({ shown: 'success' });
});

test('carried out twice, even at once, a trigger has one pipeline', async () => {
  const tested = await startTestedServer();
  const { pipelines, store } = tested.server.parts;
  await tested.push({
    'child.yml': CHILD,
    '.gitlab-ci.yml': 'parts:\n  when: manual\n  trigger: {include: child.yml, strategy: depend}\n',
  });
  await pipelines.apply(1, [{ type: 'job-played', job: 'parts', variables: { A: '1' } }]);
  const downstream = downstreamOfServer(tested);
  const command = { type: 'trigger-downstream', job: 'parts', attempt: 1, variables: { A: '1' } } as const;
  const again = () => downstream.trigger(1, command);
  await Promise.all([again(), again(), again()]);
  await again();
  await eventually(() => statusesOf(tested, 1)).toEqual({ parts: 'running' });
  const made = await store.read((db) =>
    db.selectFrom('pipelines').select('id').where('parent_job_id', 'is not', null).execute(),
  );
  expect(made).toHaveLength(1);
  expect((await takeJob(tested)).variables).toMatchObject({ A: '1' });
  expect(await takeIfAny(tested)).toBeNull();
});

test('told twice and late, a trigger job shows how its pipeline stands', async () => {
  const tested = await startTestedServer();
  await tested.push({
    'child.yml': CHILD,
    '.gitlab-ci.yml': 'parts:\n  trigger: {include: child.yml, strategy: depend}\n',
  });
  const unit = await takeJob(tested);
  const downstream = downstreamOfServer(tested);
  await Promise.all([downstream.changed(2), finishJob(tested, unit), downstream.changed(2)]);
  await downstream.changed(2);
  expect(await statusesOf(tested, 1)).toEqual({ parts: 'success' });
  await downstream.cancel(1, { type: 'cancel-downstream', job: 'parts', attempt: 1 });
  expect(await statusesOf(tested, 1)).toEqual({ parts: 'success' });
  expect(await statusesOf(tested, 2)).toEqual({ unit: 'success' });
});

/** What the server itself does with its outbox. */
function downstreamOfServer({ server: { parts } }: TestedServer): Downstream {
  return createDownstream({ ...parts, now: () => parts.clock.now() });
}

async function pipeline({ server }: TestedServer, id: number): Promise<PipelineRow> {
  const row = await server.parts.store.read((db) => pipelineById(db, id));
  if (row === null) throw new Error(`No pipeline ${id}`);
  return row;
}

/** That nobody else's job has started. */
async function newestPipeline({ server }: TestedServer): Promise<number> {
  const rows = await server.parts.store.read((db) =>
    db
      .selectFrom('pipelines')
      .select('id')
      .where('parent_job_id', 'is', null)
      .orderBy('id', 'desc')
      .limit(1)
      .execute(),
  );
  return rows[0]?.id ?? 0;
}

async function jobRow({ server }: TestedServer, pipelineId: number, name: string): Promise<JobRow | null> {
  const rows = await server.parts.store.read((db) => latestJobs(db, pipelineId));
  return rows.find((row) => row.name === name) ?? null;
}

async function jobId(tested: TestedServer, pipelineId: number, name: string): Promise<number> {
  return (await jobRow(tested, pipelineId, name))?.id ?? 0;
}

async function downstreamOf(tested: TestedServer, name: string): Promise<PipelineRow | null> {
  const id = await jobId(tested, 1, name);
  return tested.server.parts.store.read((db) => pipelineOfBridge(db, id));
}

function logOf({ server }: TestedServer, id: number): Promise<string> {
  return text(Readable.from(server.parts.blobs.traces.read(traceKey(id))));
}
