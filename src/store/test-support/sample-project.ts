import type { Plan } from '../../pipeline/index.ts';
import type { NewPipeline } from '../pipelines/create-pipeline.ts';
import type { Store } from '../store.ts';

/** Makes a project. Answers with its id. */
export async function addProject(store: Store, path: string): Promise<number> {
  const row = { path, name: path, default_branch: 'main', settings: '{}', created_at: 0 };
  const { id } = await store.write(({ db }) =>
    db.insertInto('projects').values(row).returning('id').executeTakeFirstOrThrow(),
  );
  return id;
}

/** A pipeline of a push to main. */
export function pushOf(projectId: number, plan: Plan): NewPipeline {
  return { projectId, plan, source: 'push', ref: 'main', tag: false, protected: false, sha: 'a'.repeat(40) };
}
