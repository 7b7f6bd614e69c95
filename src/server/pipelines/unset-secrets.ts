import type { Problem } from '../../base/problem.ts';
import type { ContextVariable, PipelineReading } from '../../config/index.ts';
import { secretVariables } from './secret-variables.ts';

/**
 * Warns of jobs that would fail as the project is now, because a secret that they ask for is not there: one for each thing
 * that is missing. Jobs of environments are left out, whose variables are known when they run.
 */
export function unsetSecrets(
  { plan, placeOf }: Pick<PipelineReading, 'plan' | 'placeOf'>,
  variables: Readonly<Record<string, ContextVariable>>,
): readonly Problem[] {
  const jobsByMessage = new Map<string, string>();
  for (const job of plan?.jobs ?? []) {
    if (job.kind !== 'build' || job.environment !== null) continue;
    const secrets = secretVariables(job, variables);
    if (secrets.kind === 'missing' && !jobsByMessage.has(secrets.message))
      jobsByMessage.set(secrets.message, job.name);
  }
  return Array.from(jobsByMessage, ([message, job]) => ({
    severity: 'warning',
    code: 'secret-not-set',
    message: `${message} ${job} fails without it.`,
    place: placeOf(job, 'secretEnv'),
    excerpt: null,
    hint: 'Set it with `slipway variable set`, masked, before the job begins.',
  }));
}
