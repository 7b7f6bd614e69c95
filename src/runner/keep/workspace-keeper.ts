import type { JobResult } from '../job-result.ts';
import type { WorkspaceReference } from '../ports.ts';

/** Where a job's working copy goes that a person wants to look into. */
export interface WorkspaceKeeper {
  /** The folder that the working copy is to become, not there yet but its parent; null when this one is not wanted. */
  place(status: JobResult['status']): Promise<string | null>;
  /** It is there. */
  kept(workspace: KeptWorkspace): Promise<void>;
}

export interface KeptWorkspace {
  readonly folder: string;
  /** What its files name and is not in it (git's objects). */
  readonly references: readonly WorkspaceReference[];
}
