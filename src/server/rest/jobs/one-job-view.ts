import type { JobRow, Project } from '../../../store/index.ts';
import { Refusal } from '../../runner-api/refusal.ts';
import type { RestScope } from '../rest-scope.ts';
import { jobViews } from '../views/job-view.ts';

/** One job, as all answers about a job have it. */
export async function jobView({ parts }: Pick<RestScope, 'parts'>, project: Project, row: JobRow) {
  const [view] = await parts.store.read((db) => jobViews(db, [row], project, parts));
  if (view === undefined) throw new Refusal(404, '404 Not found');
  return view;
}
