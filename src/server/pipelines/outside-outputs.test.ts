import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { latestJobs } from '../../store/index.ts';
import { traceKey } from '../broker/trace-marks.ts';
import {
  finishJob,
  type GivenJob,
  statusesOf,
  takeIfAny,
  takeJob,
  uploadArtifact,
} from '../test-support/driven-jobs.ts';
import { startTestedServer, type TestedServer } from '../test-support/running-server.ts';
import { zipOf } from '../test-support/zip-of.ts';

const BUILD = `
build:
  script: [make]
  artifacts: {paths: [out], reports: {dotenv: v.env}}
`;

test('a child gets what a job of its parent has left', async () => {
  const tested = await startTestedServer();
  await tested.push({
    'child.yml': `
use:
  needs: [{pipeline: $PARENT, job: build}]
  script: [ls]
`,
    '.gitlab-ci.yml': `${BUILD}
  stage: build
parts:
  variables: {PARENT: $CI_PIPELINE_ID}
  trigger: child.yml
`.replace('trigger: child.yml', 'trigger: {include: child.yml}'),
  });
  const build = await leave(tested, 'parent');
  const use = await takeJob(tested);
  expect(use.wire.dependencies).toMatchObject([{ id: build.id, name: 'build' }]);
  expect(use.variables).toMatchObject({ MADE: 'parent' });
  const { json } = await tested.ask('GET', `/jobs/${build.id}/artifacts`, undefined, {
    'JOB-TOKEN': use.token,
  });
  expect(json.text).toContain('made by parent');
});

test('a job gets what the last one that has passed in another project has left, and nothing else of it', async () => {
  const tested = await startTestedServer();
  await tested.addProject('team/library', { '.gitlab-ci.yml': `${BUILD}secret:\n  script: [make]\n` });
  const first = await leave(tested, 'first');
  const secret = await takeJob(tested);
  await finishJob(tested, secret);
  const { pipelines } = tested.server.parts;
  await pipelines.apply(1, [{ type: 'job-retried', job: 'build', variables: null }]);
  const second = await leave(tested, 'second');
  await pipelines.apply(1, [{ type: 'job-retried', job: 'build', variables: null }]);
  await finishJob(tested, await takeJob(tested), { state: 'failed', failure_reason: 'script_failure' });
  await tested.push({
    '.gitlab-ci.yml': `
use:
  variables: {LIBRARY: team/library}
  needs: [{project: $LIBRARY, ref: main, job: build}]
  script: [ls]
`,
  });
  const use = await takeJob(tested);
  expect(use.wire.dependencies).toMatchObject([{ id: second.id }]);
  expect(use.variables).toMatchObject({ MADE: 'second' });
  const status = async ({ id }: GivenJob) =>
    (await tested.ask('GET', `/jobs/${id}/artifacts`, undefined, { 'JOB-TOKEN': use.token })).status;
  expect(await status(second)).toBe(200);
  expect(await status(first)).toBe(200);
  expect(await status(secret)).toBe(403);
});

test.each([
  ['{project: team/none, ref: main, job: build}', "project 'team/none', which is not here"],
  ['{project: team/app, ref: other, job: build}', 'has not passed for other'],
  ['{pipeline: "77", job: build}', "pipeline '77', which is none that started this one"],
  ['{pipeline: $CI_PIPELINE_ID, job: later}', "needs job 'later' of pipeline 1, which has not passed"],
])('without %s a job fails, and its log says so', async (need, why) => {
  const tested = await startTestedServer();
  await tested.push({
    '.gitlab-ci.yml': `
use:
  needs: [${need}]
  script: [ls]
later:
  stage: deploy
  script: [ls]
`,
  });
  expect(await takeIfAny(tested)).toBeNull();
  const [row] = await tested.server.parts.store.read((db) => latestJobs(db, 1));
  expect(row).toMatchObject({ name: 'use', failure_reason: 'missing_dependency_failure' });
  const log = await text(Readable.from(tested.server.parts.blobs.traces.read(traceKey(row?.id ?? 0))));
  expect(log).toContain(why);
});

test('without an optional need a job runs', async () => {
  const tested = await startTestedServer();
  await tested.push({
    '.gitlab-ci.yml': `
use:
  needs: [{pipeline: "77", job: build, optional: true}]
  script: [ls]
`,
  });
  expect((await takeJob(tested)).name).toBe('use');
  expect(await statusesOf(tested, 1)).toEqual({ use: 'running' });
});

/** Takes the next job, leaves a file and a variable, and passes. */
async function leave(tested: TestedServer, who: string): Promise<GivenJob> {
  const job = await takeJob(tested);
  expect(job.name).toBe('build');
  const bytes = zipOf('out/made', `made by ${who}`);
  await uploadArtifact(tested, job, { name: 'artifacts.zip', bytes, type: 'archive', format: 'zip' });
  const dotenv = new TextEncoder().encode(`MADE=${who}\n`);
  await uploadArtifact(tested, job, { name: 'v.env', bytes: dotenv, type: 'dotenv', format: 'raw' });
  await finishJob(tested, job);
  return job;
}
