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

/** What the jobs of the same pipeline have left from which a job fetches. */
export async function keptBy(
  db: Db,
  {
    graph,
    pipeline,
    now,
  }: { readonly graph: PipelineState['graph']; readonly pipeline: PipelineRow; readonly now: number },
  names: readonly string[],
): Promise<KeptOutputs | Refusal> {
  const positions = names.flatMap((name) => graph.indexes.get(name) ?? []);
  if (positions.length === 0) return { kind: 'kept', archives: [], dotenv: [] };
  return outputsOf(db, await jobsAt(db, pipeline.id, positions), now);
}

/** What these jobs have left. One whose archive was there and is not any more leaves its fetcher with less than it expects. */
export async function outputsOf(
  db: Db,
  jobs: readonly JobRow[],
  now: number,
): Promise<KeptOutputs | Refusal> {
  const ids = jobs.map(({ id }) => id);
  const all = await artifactsOf(db, ids, { type: 'archive', now: EVER });
  const byJob = new Map(all.map((artifact) => [artifact.jobId, artifact]));
  const gone = jobs.find((job) => {
    const archive = byJob.get(job.id);
    return archive === undefined ? job.erased_at !== null : (archive.expiresAt ?? now + 1) <= now;
  });
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

/** Those that have expired are there until they are cleared away. */
const EVER = 0;

/** Only the broker writes it: pairs of texts. */
export function dotenvOf({ dotenv }: Pick<JobRow, 'dotenv'>): readonly (readonly [string, string])[] {
  const pairs: [string, string][] = dotenv === null ? [] : JSON.parse(dotenv);
  return pairs;
}
