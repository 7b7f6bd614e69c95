import { listJobs } from '../../../store/index.ts';
import { pageOf } from '../paging/page-of.ts';
import { pageRows } from '../paging/send-page.ts';
import type { RestScope } from '../rest-scope.ts';
import { jobViews } from '../views/job-view.ts';
import { jobActions } from './job-actions.ts';
import { jobIn } from './job-in.ts';
import { jobView } from './one-job-view.ts';
import { scopesOf } from './scopes.ts';
import { traceRoute } from './trace-route.ts';

/** The jobs of a project: listed, looked at; their logs; and what can be done to them. */
export function jobRoutes(scope: RestScope): void {
  const { api, parts, schemas, access } = scope;
  const { RestJob, RestFailure, ProjectParams, JobParams, ListProjectJobs } = schemas;
  const { store, server } = parts;

  api.get(
    '/projects/:id/jobs',
    {
      schema: {
        summary: 'List the jobs of a project, the newest first',
        params: ProjectParams,
        querystring: ListProjectJobs,
        response: { 200: schemas.listOf(RestJob), '4xx': RestFailure },
      },
    },
    async (request, reply) => {
      const { query } = request;
      const project = await access.project(request, request.params.id);
      const asked = pageOf(query);
      const filter = { projectId: project.id, kind: 'build', statuses: scopesOf(query) } as const;
      return store.read(async (db) => {
        const rows = await listJobs(db, filter, asked.page);
        const shown = pageRows({ request, reply, url: server.url }, asked, rows);
        return jobViews(db, shown, project, parts);
      });
    },
  );

  api.get(
    '/projects/:id/jobs/:job_id',
    {
      schema: { summary: 'One job', params: JobParams, response: { 200: RestJob, '4xx': RestFailure } },
    },
    async (request) => {
      const project = await access.project(request, request.params.id);
      return jobView(scope, project, await jobIn(store, project, request.params.job_id));
    },
  );

  traceRoute(scope);
  jobActions(scope);
}
