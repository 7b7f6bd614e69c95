import { sql } from 'kysely';
import type { Db } from '../store.ts';

/** Processes of a runner on one machine, by the names that they gave when they asked for jobs. */
export interface RunnerProcesses {
  readonly runnerId: number;
  readonly systemId: string;
  readonly processes: readonly string[];
}

export interface JobOfProcess {
  readonly id: number;
  readonly pipelineId: number;
  readonly name: string;
  readonly attempt: number;
  readonly isCanceling: boolean;
}

/** The jobs that these have and have not ended. `pipelineId`: only those of this pipeline. */
export async function jobsOfProcesses(
  db: Db,
  { runnerId, systemId, processes }: RunnerProcesses,
  pipelineId?: number,
): Promise<readonly JobOfProcess[]> {
  const rows = await db
    .selectFrom('jobs')
    .select(['id', 'pipeline_id', 'name', 'attempt', 'status'])
    // As the index has it: what a runner has now is little.
    .where(sql<boolean>`status in ('running', 'canceling')`)
    .where('runner_id', '=', runnerId)
    .where('system_id', '=', systemId)
    .where('process', 'in', processes)
    .$if(pipelineId !== undefined, (query) => query.where('pipeline_id', '=', pipelineId ?? 0))
    .orderBy('id')
    .execute();
  return rows.map(({ id, pipeline_id, name, attempt, status }) => ({
    ...{ id, pipelineId: pipeline_id, name, attempt, isCanceling: status === 'canceling' },
  }));
}
