import type { Clock } from '../../base/clock.ts';
import type { Problem } from '../../base/problem.ts';
import type { ContextVariable, PipelineReading } from '../../config/index.ts';
import { needsPlace, SLIPWAY_PLACE } from '../../protocol/index.ts';
import { isThereManagerWith, type Store } from '../../store/index.ts';
import { unsetSecrets } from './unset-secrets.ts';

/**
 * What a pipeline would miss on this server as it is now, or is more than it takes: nothing in its file says so, so nobody
 * was told before.
 */
export async function problemsOnServer(
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  reading: Pick<PipelineReading, 'plan' | 'placeOf'>,
  variables: Readonly<Record<string, ContextVariable>>,
): Promise<readonly Problem[]> {
  const size = problemOfSize(reading);
  if (size !== null) return [size];
  const sharing = reading.plan?.jobs.find((job) => job.kind === 'build' && needsPlace(job));
  const secrets = unsetSecrets(reading, variables);
  if (sharing === undefined) return secrets;
  const since = clock.now() - ABSENT_MS;
  if (await store.read((db) => isThereManagerWith(db, SLIPWAY_PLACE, since))) return secrets;
  const missing: Problem = {
    severity: 'warning',
    code: 'no-runner-for-steps',
    message: `${sharing.name} and the jobs that share its files wait: no runner has been heard of that keeps files for them.`,
    place: reading.placeOf(sharing.name, 'name'),
    excerpt: null,
    hint: "Start `slipway runner` or `slipway up`; the official runner cannot run a build's steps.",
  };
  return [missing, ...secrets];
}

function problemOfSize({ plan, placeOf }: Pick<PipelineReading, 'plan' | 'placeOf'>): Problem | null {
  const beyond = plan?.jobs[MOST_JOBS];
  if (plan === null || beyond === undefined) return null;
  return {
    severity: 'error',
    code: 'too-many-jobs',
    message: `This pipeline has ${plan.jobs.length} jobs, and a server takes ${MOST_JOBS} at most.`,
    place: placeOf(beyond.name, 'name'),
    excerpt: null,
    hint: 'Let one job do more, or put parts of the pipeline into child pipelines.',
  };
}

/** Ten times the largest pipelines that people have: a few lines of `parallel` must not fill a database. */
const MOST_JOBS = 50_000;

/** As long as a runner is looked for that could take a job that waits (stuck-jobs.ts). */
const ABSENT_MS = 2 * 3600_000;

/** The codes of these. */
export const CODES_ON_SERVER: ReadonlySet<string> = new Set(['secret-not-set', 'no-runner-for-steps']);
