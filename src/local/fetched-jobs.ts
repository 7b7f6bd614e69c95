import type { Dotenv } from '../downstream/index.ts';
import type { Job } from '../pipeline/index.ts';
import type { JobVariable } from '../protocol/index.ts';
import type { PipelineScope } from './pipeline-request.ts';

/** The dotenv variables of the jobs that this one fetches from, in plan order, so that later ones win. */
export function dotenvOf(scope: PipelineScope, job: Job): readonly JobVariable[] {
  return scope.fetchedJobs(job).flatMap((name) => scope.kept.get(name)?.dotenv ?? []);
}

/** The same without how the runner is to treat them. */
export function dotenvPairs(scope: PipelineScope, job: Job): Dotenv {
  return dotenvOf(scope, job).map(({ key, value }) => [key, value]);
}
