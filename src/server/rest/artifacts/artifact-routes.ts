import { type JobRow, type Project, releaseArtifacts } from '../../../store/index.ts';
import { Refusal } from '../../runner-api/refusal.ts';
import { jobIn } from '../jobs/job-in.ts';
import { jobView } from '../jobs/one-job-view.ts';
import type { RestScope } from '../rest-scope.ts';
import { latestJobOfRef } from './latest-job-of-ref.ts';
import { sendArchive, sendFile } from './send-archive.ts';

/** What jobs have left: whole, file by file, of one job or of a ref's newest successful pipeline; kept and taken away. */
export function artifactRoutes(scope: RestScope): void {
  const { api, parts, schemas, access } = scope;
  const { store } = parts;
  const { JobParams, RestJob, RestFailure, RefArtifactsParams, RefArtifactsQuery } = schemas;

  api.get(
    '/projects/:id/jobs/:job_id/artifacts',
    { schema: { summary: "Download a job's archive", params: JobParams } },
    async (request, reply) => {
      const project = await access.project(request, request.params.id, { jobsMay: true });
      return sendArchive(parts, await jobIn(store, project, request.params.job_id), request, reply);
    },
  );

  api.get(
    '/projects/:id/jobs/:job_id/artifacts/*',
    { schema: { summary: "Download one file of a job's archive", params: schemas.ArtifactFileParams } },
    async (request, reply) => {
      const project = await access.project(request, request.params.id, { jobsMay: true });
      const job = await jobIn(store, project, request.params.job_id);
      return sendFile(parts, job, request.params['*'], reply);
    },
  );

  api.get(
    '/projects/:id/jobs/artifacts/:ref/download',
    {
      schema: {
        summary: 'Download the archive of a job of the newest successful pipeline of a branch or tag',
        params: RefArtifactsParams,
        querystring: RefArtifactsQuery,
      },
    },
    async (request, reply) => {
      const project = await access.project(request, request.params.id, { jobsMay: true });
      const job = await newest(project, request.params.ref, request.query.job);
      return sendArchive(parts, job, request, reply);
    },
  );

  api.get(
    '/projects/:id/jobs/artifacts/:ref/raw/*',
    {
      schema: {
        summary: 'Download one file of such an archive',
        params: schemas.RefArtifactFileParams,
        querystring: RefArtifactsQuery,
      },
    },
    async (request, reply) => {
      const project = await access.project(request, request.params.id, { jobsMay: true });
      const job = await newest(project, request.params.ref, request.query.job);
      return sendFile(parts, job, request.params['*'], reply);
    },
  );

  api.post(
    '/projects/:id/jobs/:job_id/artifacts/keep',
    {
      schema: {
        summary: "Keep a job's artifacts for ever",
        params: JobParams,
        response: { 200: RestJob, '4xx': RestFailure },
      },
    },
    async (request) => {
      const project = await access.project(request, request.params.id, { writes: true });
      const job = await jobIn(store, project, request.params.job_id);
      const kept = await store.write(({ db }) => releaseArtifacts(db, job.id, parts.clock.now()));
      if (!kept) throw new Refusal(404, '404 Not found');
      return jobView(scope, project, job);
    },
  );

  async function newest(project: Project, ref: string, name: string): Promise<JobRow> {
    const job = await store.read((db) => latestJobOfRef(db, project.id, ref, name));
    if (job === null) throw new Refusal(404, '404 Not found');
    return job;
  }
}
