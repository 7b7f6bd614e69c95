import { type PipelineRow, type Project, pipelineById, type Store } from '../../../store/index.ts';
import { Refusal } from '../../runner-api/refusal.ts';

/** A pipeline of this project; 404 when it is not there, or another's. */
export async function pipelineIn(store: Store, project: Project, id: number): Promise<PipelineRow> {
  const row = await store.read((db) => pipelineById(db, id));
  if (row === null || row.project_id !== project.id) throw new Refusal(404, '404 Not found');
  return row;
}
