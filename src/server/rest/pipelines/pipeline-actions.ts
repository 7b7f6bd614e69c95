import { findRef } from '../../pipelines/find-ref.ts';
import { givenVariables } from '../../pipelines/given-variables.ts';
import { Refusal } from '../../runner-api/refusal.ts';
import type { RestScope } from '../rest-scope.ts';
import { pipelineDetails } from '../views/pipeline-view.ts';
import { pipelineIn } from './pipeline-in.ts';
import { whyNot } from './why-not.ts';

/** What can be done to pipelines: started, retried, canceled. */
export function pipelineActions({ api, parts, schemas, access }: RestScope): void {
  const { RestPipelineDetails, RestFailure, PipelineParams, ProjectParams } = schemas;
  const { store, pipelines } = parts;

  api.post(
    '/projects/:id/pipeline',
    {
      schema: {
        summary: 'Start a pipeline for a branch or tag',
        params: ProjectParams,
        body: schemas.CreatePipeline,
        response: { 201: RestPipelineDetails, '4xx': RestFailure },
      },
    },
    async (request, reply) => {
      const project = await access.project(request, request.params.id, { writes: true });
      const { ref: name, variables = [], inputs = {} } = request.body;
      const found = await findRef(parts, project.id, name);
      if (found === null) return reply.code(400).send({ message: { base: ['Reference not found'] } });
      const made = await parts.maker.make({
        ...{ project, ref: found.ref, hash: found.hash, before: null, source: 'api', inputs },
        user: parts.administrator,
        variables: givenVariables(variables),
      });
      if (made.kind !== 'created') return reply.code(400).send({ message: { base: whyNot(made) } });
      const row = await pipelineIn(store, project, made.id);
      return reply.code(201).send(pipelineDetails(row, project, parts));
    },
  );

  api.post(
    '/projects/:id/pipelines/:pipeline_id/retry',
    {
      schema: {
        summary:
          'Run the failed and canceled jobs of a pipeline again; a build whose files are gone, from its first step',
        params: PipelineParams,
        response: { 201: RestPipelineDetails, '4xx': RestFailure },
      },
    },
    async (request, reply) => {
      const project = await access.project(request, request.params.id, { writes: true });
      const { id } = await pipelineIn(store, project, request.params.pipeline_id);
      const retried = await parts.places.retry(id);
      if (retried.kind === 'still-running') {
        throw new Refusal(
          403,
          `403 Forbidden - ${retried.job} is still running; retry the pipeline when it has ended`,
        );
      }
      return reply.code(201).send(pipelineDetails(await pipelineIn(store, project, id), project, parts));
    },
  );

  api.post(
    '/projects/:id/pipelines/:pipeline_id/cancel',
    {
      schema: {
        summary: 'Cancel the jobs of a pipeline that are not over',
        params: PipelineParams,
        response: { 200: RestPipelineDetails, '4xx': RestFailure },
      },
    },
    async (request) => {
      const project = await access.project(request, request.params.id, { writes: true });
      const { id } = await pipelineIn(store, project, request.params.pipeline_id);
      await pipelines.apply(id, [{ type: 'pipeline-canceled' }]);
      return pipelineDetails(await pipelineIn(store, project, id), project, parts);
    },
  );

  api.delete(
    '/projects/:id/pipelines/:pipeline_id',
    {
      schema: {
        summary: 'Remove a pipeline with its jobs, logs, artifacts and child pipelines',
        params: PipelineParams,
        response: { 204: schemas.Nothing, '4xx': RestFailure },
      },
    },
    async (request, reply) => {
      const project = await access.project(request, request.params.id, { writes: true });
      const { id } = await pipelineIn(store, project, request.params.pipeline_id);
      await parts.deletion.pipeline(id);
      return reply.code(204).send(null);
    },
  );
}
