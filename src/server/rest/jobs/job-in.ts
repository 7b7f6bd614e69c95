import { type JobRow, jobById, type Project, type Store } from '../../../store/index.ts';
import { Refusal } from '../../runner-api/refusal.ts';

/** A job of this project; 404 when it is not there, or another's. */
export async function jobIn(store: Store, project: Project, id: number): Promise<JobRow> {
  const row = await store.read((db) => jobById(db, id));
  if (row === null || row.project_id !== project.id) throw new Refusal(404, '404 Not found');
  return row;
}
