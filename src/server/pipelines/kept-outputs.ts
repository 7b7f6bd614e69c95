import { type Refusal, refused } from '../../downstream/index.ts';
import type { PipelineState } from '../../pipeline/index.ts';
import type { JobDependency } from '../../protocol/index.ts';
import {
  artifactsOf,
  type Db,
  type JobRow,
  jobsAt,
  type PipelineRow,
  type StoredArtifact,
} from '../../store/index.ts';

export interface KeptOutputs {
  readonly kind: 'kept';
  readonly archives: readonly { readonly dependency: JobDependency; readonly archive: StoredArtifact }[];
  readonly dotenv: readonly (readonly [string, string])[];
}

/**
 * What the jobs that this one fetches from have left. A job whose archive was there and is not any more makes it fail:
 * it would run with less than it expects.
 */
export async function keptBy(
  db: Db,
  {
    state,
    pipeline,
    now,
  }: { readonly state: PipelineState; readonly pipeline: PipelineRow; readonly now: number },
  names: readonly string[],
): Promise<KeptOutputs | Refusal> {
  const positions = names.flatMap((name) => state.graph.indexes.get(name) ?? []);
  if (positions.length === 0) return { kind: 'kept', archives: [], dotenv: [] };
  const jobs = await jobsAt(db, pipeline.id, positions);
  const ids = jobs.map(({ id }) => id);
  const all = await artifactsOf(db, ids, { type: 'archive', now });
  const byJob = new Map(all.map((artifact) => [artifact.jobId, artifact]));
  const gone = jobs.find((job) => job.erased_at !== null && !byJob.has(job.id));
  if (gone !== undefined) {
    return refused(
      'missing_dependency_failure',
      `The artifacts of job ${gone.name} are gone: they have expired or were erased. Run that job again.`,
    );
  }
  return {
    kind: 'kept',
    archives: jobs.flatMap(({ id, name }) => {
      const archive = byJob.get(id);
      return archive === undefined ? [] : [{ dependency: { id, name }, archive }];
    }),
    dotenv: jobs.flatMap(dotenvOf),
  };
}

/** Only the broker writes it: pairs of texts. */
export function dotenvOf({ dotenv }: Pick<JobRow, 'dotenv'>): readonly (readonly [string, string])[] {
  const pairs: [string, string][] = dotenv === null ? [] : JSON.parse(dotenv);
  return pairs;
}
