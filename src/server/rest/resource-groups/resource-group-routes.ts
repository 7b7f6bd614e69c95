import type { RestResourceGroup } from '../../../protocol/index.ts';
import {
  jobById,
  jobsOfGroup,
  listResourceGroups,
  type Project,
  resourceGroupByKey,
  type StoredResourceGroup,
} from '../../../store/index.ts';
import { Refusal } from '../../runner-api/refusal.ts';
import type { RestScope } from '../rest-scope.ts';
import { jobViews } from '../views/job-view.ts';
import { time } from '../views/times.ts';

/** Resource groups of a project: in which order jobs have their turn, and who waits. */
export function resourceGroupRoutes({ api, parts, schemas, access }: RestScope): void {
  const { RestResourceGroup: Shown, RestFailure, ProjectParams, ResourceGroupParams } = schemas;
  const { store, groups } = parts;
  const path = '/projects/:id/resource_groups';

  async function groupIn(project: Project, key: string): Promise<StoredResourceGroup> {
    const group = await store.read((db) => resourceGroupByKey(db, project.id, key));
    if (group === null) throw new Refusal(404, '404 Resource Group Not Found');
    return group;
  }

  api.get(
    path,
    {
      schema: {
        summary: 'List resource groups',
        params: ProjectParams,
        response: { 200: schemas.listOf(Shown), '4xx': RestFailure },
      },
    },
    async (request) => {
      const project = await access.project(request, request.params.id);
      return (await store.read((db) => listResourceGroups(db, project.id, MOST_GROUPS))).map(view);
    },
  );

  api.get(
    `${path}/:key`,
    {
      schema: {
        summary: 'One resource group',
        params: ResourceGroupParams,
        response: { 200: Shown, '4xx': RestFailure },
      },
    },
    async (request) => {
      const project = await access.project(request, request.params.id);
      return view(await groupIn(project, request.params.key));
    },
  );

  api.put(
    `${path}/:key`,
    {
      schema: {
        summary: 'Set in which order the jobs of a resource group have their turn',
        params: ResourceGroupParams,
        body: schemas.UpdateResourceGroup,
        response: { 200: Shown, '4xx': RestFailure },
      },
    },
    async (request) => {
      const project = await access.project(request, request.params.id, { writes: true });
      const { key } = await groupIn(project, request.params.key);
      const { process_mode: mode } = request.body;
      if (mode !== undefined) {
        await store.write((tx) => groups.setMode(tx, { projectId: project.id, key }, mode));
      }
      return view(await groupIn(project, key));
    },
  );

  for (const [name, holder, summary] of [
    ['upcoming_jobs', false, 'The jobs that wait for a resource group'],
    ['current_job', true, 'The job that has the resource group now'],
  ] as const) {
    api.get(
      `${path}/:key/${name}`,
      {
        schema: {
          summary,
          params: ResourceGroupParams,
          response: {
            200: schemas.AnyJobs,
            '4xx': RestFailure,
          },
        },
      },
      async (request) => {
        const project = await access.project(request, request.params.id);
        const group = await groupIn(project, request.params.key);
        return store.read(async (db) => {
          const ids = await jobsOfGroup(db, group.id, { holder, limit: MOST_JOBS });
          const rows = await Promise.all(ids.map((id) => jobById(db, id)));
          const jobs = await jobViews(
            db,
            rows.filter((row) => row !== null),
            project,
            parts,
          );
          if (!holder) return jobs;
          const [job] = jobs;
          if (job === undefined) throw new Refusal(404, '404 Not Found');
          return job;
        });
      },
    );
  }
}

const MOST_GROUPS = 1000;
const MOST_JOBS = 100;

function view(group: StoredResourceGroup): RestResourceGroup {
  return {
    id: group.id,
    key: group.key,
    process_mode: group.mode,
    created_at: time(group.createdAt),
    updated_at: time(group.updatedAt),
  };
}
