import type { FastifyReply } from 'fastify';
import {
  jobById,
  noteTriggerUsed,
  type Project,
  projectById,
  projectByPath,
  triggerByToken,
} from '../../../store/index.ts';
import type { PipelineOrder } from '../../pipelines/create-pipeline.ts';
import { findRef } from '../../pipelines/find-ref.ts';
import { Refusal } from '../../runner-api/refusal.ts';
import { hashToken } from '../../runner-api/token-hash.ts';
import { pipelineIn } from '../pipelines/pipeline-in.ts';
import { whyNot } from '../pipelines/why-not.ts';
import type { RestScope } from '../rest-scope.ts';
import { pipelineDetails } from '../views/pipeline-view.ts';
import { wrongFields } from '../wrong-fields.ts';
import { type GivenTrigger, readTrigger } from './read-trigger.ts';
import { triggeringJob } from './triggering-job.ts';

/** Starting a pipeline with a trigger token, or with the token of a running job. */
export function triggeredPipelineRoutes({ api, parts, schemas }: RestScope): void {
  const { RestPipelineDetails, RestFailure, TriggeredParams, AnyKeys } = schemas;
  const { store, clock } = parts;

  async function start(id: string, given: GivenTrigger, reply: FastifyReply): Promise<void> {
    const project = await store.read((db) =>
      /^[1-9]\d{0,14}$/.test(id) ? projectById(db, Number(id)) : projectByPath(db, id),
    );
    const allowed = project === null ? null : await allowedBy(project, given.token);
    // Without a right token nobody learns whether there is such a project.
    if (project === null || allowed === null) throw new Refusal(404, '404 Not Found');
    const found = await findRef(parts, project.id, given.ref);
    if (found === null) throw wrongFields({ base: ['Reference not found'] });
    const made = await parts.maker.make({
      project,
      ...{ ref: found.ref, hash: found.hash, before: null, inputs: given.inputs },
      user: parts.administrator,
      variables: given.variables,
      ...allowed,
    });
    if (made.kind !== 'created') throw wrongFields({ base: whyNot(made) });
    const row = await pipelineIn(store, project, made.id);
    await reply.code(201).send(pipelineDetails(row, project, parts));
  }

  /** What the token says about the pipeline; null: it is not right for this project. */
  async function allowedBy(
    project: Project,
    token: string,
  ): Promise<Pick<PipelineOrder, 'source' | 'upstream' | 'also'> | null> {
    const hash = hashToken(token);
    const trigger = await store.read((db) => triggerByToken(db, hash, clock.now()));
    if (trigger !== null) {
      if (trigger.projectId !== project.id) return null;
      return {
        source: 'trigger',
        also: ({ db }) => noteTriggerUsed(db, trigger.id, clock.now()),
      };
    }
    const job = await triggeringJob(store, hash, project);
    if (job === null) return null;
    const row = await store.read((db) => jobById(db, job));
    if (row === null) return null;
    const upstream = { projectId: row.project_id, pipelineId: row.pipeline_id, jobId: row.id };
    return { source: 'pipeline', upstream };
  }

  for (const path of ['/projects/:id/trigger/pipeline', '/projects/:id/ref/:ref/trigger/pipeline']) {
    api.post(
      path,
      {
        schema: {
          summary: 'Start a pipeline with a trigger token, or with the token of a running job',
          params: TriggeredParams,
          body: AnyKeys,
          response: { 201: RestPipelineDetails, '4xx': RestFailure },
        },
      },
      async (request, reply) => {
        const { id, ref } = request.params;
        const jobToken = request.headers['job-token'];
        const given = readTrigger(request.body, {
          ...(ref === undefined ? {} : { ref }),
          ...(typeof jobToken === 'string' ? { token: jobToken } : {}),
        });
        await start(id, given, reply);
        return reply;
      },
    );
  }
}
