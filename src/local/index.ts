import type { BridgeJob } from '../pipeline/index.ts';
import type { PlannedChild, PlannedPipeline } from './downstream/planned-child.ts';
import type { LocalRunRequest, LocalRunResult } from './local-run.ts';
import type { StepIntoRequest } from './step-into.ts';

export { type CommitSources, commitSources } from './commit-sources.ts';
export { type ComparedEvent, contextForComparison } from './comparison-context.ts';
export { remarkOnCommit, remarkOnRef } from './context-remarks.ts';
export { contextForRun } from './git-context.ts';
export { openSources } from './includes/open-sources.ts';
export { askRepository, commitOf, mergeBaseOf, repositoryRoot } from './repository.ts';
export type * from './run-events.ts';
export { createSecretStore, type SecretStore } from './secrets/secret-store.ts';
export { selectJobs } from './select-jobs.ts';
export { cacheFolder, runnerScratchFolder, stateFolders } from './state-folders.ts';

/** As in local-run.ts, which is loaded only now: commands that run nothing do not pay for the runner. */
export async function runLocally(request: LocalRunRequest): Promise<LocalRunResult> {
  const localRun = await import('./local-run.ts');
  return localRun.runLocally(request);
}

/** As in step-into.ts, loaded only now. */
export async function stepInto(request: StepIntoRequest): Promise<number> {
  const loaded = await import('./step-into.ts');
  return loaded.stepInto(request);
}

/** As in downstream/planned-child.ts, loaded only now: it knows the runner's artifacts. */
export async function readPlannedChild(
  parent: PlannedPipeline,
  job: BridgeJob,
): Promise<PlannedChild | null> {
  const loaded = await import('./downstream/planned-child.ts');
  return loaded.readPlannedChild(parent, job);
}
