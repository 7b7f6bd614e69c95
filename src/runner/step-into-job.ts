import type { JobSpec } from '../protocol/index.ts';
import type { Executor, Terminal } from './executor.ts';
import { expandJobVariables, writeFileVariables } from './job/job-variables.ts';
import { runnerVariables } from './job/runner-variables.ts';
import type { KeptWorkspace } from './keep/workspace-keeper.ts';
import type { JobLog } from './log/job-log.ts';
import { interactiveScript } from './script/interactive-script.ts';

export interface StepIntoJobRequest {
  readonly job: JobSpec;
  readonly executor: Executor;
  /** Stays what the person makes of it. */
  readonly workspace: KeptWorkspace;
  /** A private folder for this visit; removing it is the caller's. */
  readonly scratch: string;
  readonly terminal: Terminal;
  /** What kind of terminal it is; null: none. */
  readonly terminalType: string | null;
  /** A program and its arguments; null: a shell. */
  readonly command: readonly string[] | null;
  /** What preparing has to say. */
  readonly log: JobLog;
  /** Called when the terminal is the shell's from now on. */
  readonly onEntered: () => void;
  readonly signal: AbortSignal;
}

/**
 * Makes the environment of a job anew around the working copy that its scripts left, with its variables, and lets a
 * person in. Answers with the exit code of their shell or command, when the environment is gone again.
 * @throws AppError when there can be no such environment, or no shell in it.
 */
export async function stepIntoJob(request: StepIntoJobRequest): Promise<number> {
  const { job, executor, workspace, scratch, terminal, log, signal } = request;
  const unplaced = { defaults: {}, overrides: {}, scratchDir: '' };
  for (const secret of expandJobVariables(job, unplaced).secrets) log.mask(secret);
  const environment = await executor.prepare({
    job,
    workspace: workspace.folder,
    references: workspace.references,
    scratch,
    log,
    signal,
  });
  try {
    const variables = expandJobVariables(job, runnerVariables(job, executor, environment));
    await writeFileVariables(variables.files, environment.scratch ?? scratch);
    const script = interactiveScript({
      variables: variables.exported,
      projectDir: environment.projectDir,
      name: job.name,
      terminalType: request.terminalType,
      command: request.command,
    });
    signal.throwIfAborted();
    request.onEntered();
    return await environment.interact({ script, terminal, signal, graceSeconds: GRACE_SECONDS });
  } finally {
    await environment[Symbol.asyncDispose]();
    // Else nobody but root could remove, at the next run, what was written here as root.
    if (process.getuid?.() !== 0) await executor.reclaim?.(workspace.folder);
  }
}

/** How long what a person left running may take to end. */
const GRACE_SECONDS = 2;
