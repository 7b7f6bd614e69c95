import { type Db, type JobRow, jobNamed, listPipelines } from '../../../store/index.ts';

/** The job of this name in the newest successful pipeline of a branch or tag; null: there is none. */
export async function latestJobOfRef(
  db: Db,
  projectId: number,
  ref: string,
  name: string,
): Promise<JobRow | null> {
  const filter = { projectId, ref, statuses: ['success'], childrenToo: false };
  const [pipeline] = await listPipelines(db, filter, { limit: 1 });
  return pipeline === undefined ? null : jobNamed(db, pipeline.id, name);
}
