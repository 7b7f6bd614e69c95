import { type Project, type Schedule, scheduleById } from '../../../store/index.ts';
import { Refusal } from '../../runner-api/refusal.ts';
import type { ServerParts } from '../../server-parts.ts';

/** The schedule of this number, if it is the project's. */
export async function scheduleIn(
  { store }: Pick<ServerParts, 'store'>,
  project: Project,
  id: number,
): Promise<Schedule> {
  const schedule = await store.read((db) => scheduleById(db, id));
  if (schedule?.projectId !== project.id) throw new Refusal(404, '404 Pipeline Schedule Not Found');
  return schedule;
}
