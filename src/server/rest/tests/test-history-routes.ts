import type { RestTest, RestTestRun } from '../../../protocol/index.ts';
import {
  findTests,
  flakyTests,
  type KnownTest,
  newFailures,
  type Project,
  runsOfTest,
  slowestTests,
  standingOfTest,
  type TestRun,
  testById,
} from '../../../store/index.ts';
import { Refusal } from '../../runner-api/refusal.ts';
import { pageOf } from '../paging/page-of.ts';
import { pageRows } from '../paging/send-page.ts';
import { pipelineIn } from '../pipelines/pipeline-in.ts';
import type { RestScope } from '../rest-scope.ts';
import { time } from '../views/times.ts';

/** The history of tests. These routes are Slipway's own: GitLab has none like them. */
export function testHistoryRoutes({ api, parts, schemas, access }: RestScope): void {
  const { RestTest: Shown, RestFailure, ProjectParams, TestParams, PipelineParams } = schemas;
  const { store, clock, server } = parts;
  const path = '/projects/:id/tests';

  async function testIn(project: Project, id: number): Promise<KnownTest> {
    const test = await store.read((db) => testById(db, project.id, id));
    if (test === null) throw new Refusal(404, '404 Test Not Found');
    return test;
  }

  api.get(
    path,
    {
      schema: {
        summary: 'List the tests of a project',
        params: ProjectParams,
        querystring: schemas.ListTests,
        response: { 200: schemas.listOf(Shown), '4xx': RestFailure },
      },
    },
    async (request, reply) => {
      const project = await access.project(request, request.params.id);
      const { job, suite, name } = request.query;
      const asked = pageOf(request.query, 'asc');
      const filter = {
        projectId: project.id,
        ...(job === undefined ? {} : { job }),
        ...(suite === undefined ? {} : { suite }),
        ...(name === undefined ? {} : { name }),
      };
      const rows = await store.read((db) => findTests(db, filter, asked.page));
      return pageRows({ request, reply, url: server.url }, asked, rows).map(testView);
    },
  );

  api.get(
    `${path}/slowest`,
    {
      schema: {
        summary: 'The tests that take longest',
        params: ProjectParams,
        querystring: schemas.TestsLimit,
        response: { 200: schemas.listOf(Shown), '4xx': RestFailure },
      },
    },
    async (request) => {
      const project = await access.project(request, request.params.id);
      const { per_page: limit = 20 } = request.query;
      return (await store.read((db) => slowestTests(db, project.id, limit))).map(testView);
    },
  );

  api.get(
    `${path}/flaky`,
    {
      schema: {
        summary: 'Tests that passed and failed on one commit',
        params: ProjectParams,
        querystring: schemas.ListFlakyTests,
        response: { 200: schemas.listOf(schemas.RestFlakyTest), '4xx': RestFailure },
      },
    },
    async (request) => {
      const project = await access.project(request, request.params.id);
      const { per_page: limit = 20, days = 14 } = request.query;
      const since = clock.now() - days * DAY_MS;
      const tests = await store.read((db) => flakyTests(db, project.id, { since, limit }));
      return tests.map((test) => ({
        ...testView(test),
        flaky_commits: test.commits,
        last_flaky_at: time(test.lastSeenAt),
      }));
    },
  );

  api.get(
    `${path}/:test_id`,
    {
      schema: {
        summary: 'One test, and since when it fails',
        params: TestParams,
        querystring: schemas.TestRefQuery,
        response: { 200: schemas.RestTestDetails, '4xx': RestFailure },
      },
    },
    async (request) => {
      const project = await access.project(request, request.params.id);
      const test = await testIn(project, request.params.test_id);
      const { ref = project.defaultBranch } = request.query;
      const standing = await store.read((db) => standingOfTest(db, test.id, ref));
      return {
        ...testView(test),
        ref,
        last_run: runView(standing?.last ?? null),
        failing_since: runView(standing?.failingSince ?? null),
        last_success: runView(standing?.lastPass ?? null),
      };
    },
  );

  api.get(
    `${path}/:test_id/runs`,
    {
      schema: {
        summary: 'The runs of a test, the newest first',
        params: TestParams,
        querystring: schemas.ListTestRuns,
        response: { 200: schemas.listOf(schemas.RestTestRun), '4xx': RestFailure },
      },
    },
    async (request) => {
      const project = await access.project(request, request.params.id);
      const test = await testIn(project, request.params.test_id);
      const { ref, per_page: limit = 20, before_pipeline: before } = request.query;
      const page = {
        limit,
        ...(ref === undefined ? {} : { ref }),
        ...(before === undefined ? {} : { before }),
      };
      return (await store.read((db) => runsOfTest(db, test.id, page))).map(shownRun);
    },
  );

  api.get(
    '/projects/:id/pipelines/:pipeline_id/new_test_failures',
    {
      schema: {
        summary: 'Tests that fail in a pipeline and did not before',
        params: PipelineParams,
        querystring: schemas.TestsLimit,
        response: { 200: schemas.listOf(schemas.RestNewFailure), '4xx': RestFailure },
      },
    },
    async (request) => {
      const project = await access.project(request, request.params.id);
      const { id, ref } = await pipelineIn(store, project, request.params.pipeline_id);
      const { per_page: limit = 20 } = request.query;
      const pipeline = { id, projectId: project.id, ref, base: project.defaultBranch };
      const failures = await store.read((db) => newFailures(db, pipeline, limit));
      return failures.map((test) => ({ ...testView(test), job_id: test.jobId }));
    },
  );
}

const DAY_MS = 24 * 3600_000;

function testView(test: KnownTest): RestTest {
  return {
    id: test.id,
    job: test.job,
    suite: test.suite,
    classname: test.className,
    name: test.name,
    file: test.file,
    runs: test.runs,
    mean_time: test.milliseconds / 1000,
    last_run_at: time(test.lastRunAt),
  };
}

function runView(run: TestRun | null): RestTestRun | null {
  return run === null ? null : shownRun(run);
}

function shownRun(run: TestRun): RestTestRun {
  return {
    pipeline_id: run.pipelineId,
    job_id: run.jobId,
    ref: run.ref,
    sha: run.sha,
    status: run.outcome,
    execution_time: run.milliseconds / 1000,
    created_at: time(run.at),
  };
}
