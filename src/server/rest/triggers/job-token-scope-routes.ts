import { projectById, updateProject } from '../../../store/index.ts';
import { Refusal } from '../../runner-api/refusal.ts';
import type { RestScope } from '../rest-scope.ts';
import { wrongFields } from '../wrong-fields.ts';

/** Which other projects' jobs may start pipelines here with their tokens. */
export function jobTokenScopeRoutes({ api, parts, schemas, access }: RestScope): void {
  const { RestAllowedProject, RestFailure, ProjectParams, AllowedProjectParams } = schemas;
  const { store } = parts;
  const path = '/projects/:id/job_token_scope/allowlist';

  /** Changes the list as it stands when nobody else does. */
  async function change(id: number, how: (projects: readonly number[]) => readonly number[]): Promise<void> {
    await store.write(async ({ db }) => {
      await db
        .selectFrom('projects')
        .select('id')
        .where('id', '=', id)
        .modifyEnd(store.dialect.lockRows)
        .execute();
      const project = await projectById(db, id);
      if (project === null) throw new Refusal(404, '404 Project Not Found');
      const jobTokenProjects = how(project.settings.jobTokenProjects);
      await updateProject(db, id, { settings: { jobTokenProjects } });
    });
  }

  api.get(
    path,
    {
      schema: {
        summary: 'List the projects whose jobs may use their tokens here',
        params: ProjectParams,
        response: { 200: schemas.listOf(RestAllowedProject), '4xx': RestFailure },
      },
    },
    async (request) => {
      const project = await access.project(request, request.params.id, { writes: true });
      return project.settings.jobTokenProjects.map((id) => ({
        source_project_id: project.id,
        target_project_id: id,
      }));
    },
  );

  api.post(
    path,
    {
      schema: {
        summary: 'Let the jobs of another project use their tokens here',
        params: ProjectParams,
        body: schemas.AllowProject,
        response: { 201: RestAllowedProject, '4xx': RestFailure },
      },
    },
    async (request, reply) => {
      const project = await access.project(request, request.params.id, { writes: true });
      const { target_project_id: target } = request.body;
      // Whoever lets a project in must see it.
      await access.project(request, String(target));
      await change(project.id, (projects) => {
        if (projects.length >= MOST) throw wrongFields({ base: [`At most ${MOST} projects can be let in`] });
        return [...new Set([...projects, target])];
      });
      return reply.code(201).send({ source_project_id: project.id, target_project_id: target });
    },
  );

  api.delete(
    `${path}/:target_project_id`,
    {
      schema: {
        summary: 'Do not let the jobs of another project use their tokens here any more',
        params: AllowedProjectParams,
        response: { 204: schemas.Nothing, '4xx': RestFailure },
      },
    },
    async (request, reply) => {
      const project = await access.project(request, request.params.id, { writes: true });
      const { target_project_id: target } = request.params;
      await change(project.id, (projects) => projects.filter((id) => id !== target));
      return reply.code(204).send(null);
    },
  );
}

const MOST = 200;
