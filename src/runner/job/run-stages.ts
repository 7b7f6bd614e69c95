import { parseDuration, secondsText } from '../../base/duration.ts';
import { restoreArtifacts } from '../artifacts/restore-artifacts.ts';
import { restoreCaches } from '../cache/restore-caches.ts';
import { saveCaches } from '../cache/save-caches.ts';
import type { ScriptResult } from '../executor.ts';
import type { JobOutputs } from '../job-result.ts';
import { collectOutputs, NO_OUTPUTS } from './collect-outputs.ts';
import { expandCaches } from './expand-job.ts';
import { failed, type JobEnding } from './job-ending.ts';
import { type JobRun, type ResolvedCaches, runLines } from './job-run.ts';
import { runCommand } from './run-command.ts';
import { unhonouredKnobs } from './runner-knobs.ts';
import { startTimeLimit, type TimeLimit } from './time-limit.ts';

export interface StageSignals {
  /** The job's time, the person's cancelling and killing together: what ends the stages up to the script. */
  readonly limit: TimeLimit;
  readonly kill: AbortSignal;
  readonly cancel: AbortSignal;
}

/**
 * The stages of a job from its sources to its artifacts, in the order of GitLab's runner: caches before artifacts, so
 * that an artifact wins over a cached file of the same name; after_script before anything is kept, so that it may
 * still change it.
 */
export async function runStages(
  run: JobRun,
  signals: StageSignals,
): Promise<{ readonly ending: JobEnding; readonly outputs: JobOutputs }> {
  const { limit, kill, cancel } = signals;
  const prepared = await prepareFiles(run, limit.signal);
  if ('ending' in prepared) return { ending: prepared.ending, outputs: NO_OUTPUTS };
  const scriptEnding = await runScriptStage(run, limit, [kill, cancel]);
  limit.stop();
  if (kill.aborted) return { ending: { kind: 'canceled' }, outputs: NO_OUTPUTS };
  const ending = await runAfterScript(run, scriptEnding, kill);
  if (ending.kind === 'canceled') return { ending, outputs: NO_OUTPUTS };
  return await keepFiles(run, prepared.caches, ending, AbortSignal.any([kill, cancel]));
}

/** Sources, caches and artifacts; answers with the caches' keys, or with how the job has ended already. */
async function prepareFiles(
  run: JobRun,
  signal: AbortSignal,
): Promise<{ readonly caches: ResolvedCaches } | { readonly ending: JobEnding }> {
  const { job, log, environment } = run;
  const { workspace } = environment;
  const sources = await log.inSection('get_sources', 'Getting source from Git repository', () =>
    getSources(run, signal),
  );
  if (sources !== null) return { ending: sources };
  const expanded = expandCaches(job, run.variables);
  const caches =
    expanded.length === 0
      ? []
      : await log.inSection('restore_cache', 'Restoring cache', () =>
          restoreCaches({ store: run.caches, caches: expanded, workspace, log, signal }),
        );
  if (job.dependencies.length === 0) return { caches };
  const restored = await log.inSection('download_artifacts', 'Downloading artifacts', () =>
    restoreArtifacts({ store: run.artifacts, dependencies: job.dependencies, workspace, log, signal }),
  );
  if (restored.kind === 'missing') {
    return { ending: failed('missing_dependency_failure', restored.message) };
  }
  return { caches };
}

/** The working copy is there since the environment stands; here is the hook before it, and a word about it. */
async function getSources(run: JobRun, signal: AbortSignal): Promise<JobEnding | null> {
  const { job, log, variables } = run;
  if (job.preGetSourcesScript.length > 0) {
    const result = await runLines(run, job.preGetSourcesScript, signal);
    signal.throwIfAborted();
    const ending = endingOfScript(result);
    if (ending.kind !== 'success') return ending;
  }
  for (const warning of unhonouredKnobs(variables.exported, run.honours)) {
    await log.line(`WARNING: ${warning}`, 'warning');
  }
  const strategy = variables.exported.get('GIT_STRATEGY') ?? '';
  if (!STRATEGIES.includes(strategy)) {
    const known = STRATEGIES.filter((name) => name !== '').join(', ');
    return failed('runner_system_failure', `GIT_STRATEGY is "${strategy}"; it can be ${known}.`);
  }
  if (!wantsSources(variables.exported)) await log.line('No sources: GIT_STRATEGY says so.');
  else
    await log.line(`Working copy of ${job.git.sha.slice(0, 8)} (${job.git.refKind} ${job.git.ref}).`, 'info');
  return null;
}

const STRATEGIES = ['', 'clone', 'fetch', 'none', 'empty'];

/** GIT_STRATEGY `clone` and `fetch` are the same for a fresh copy, and so are `none` and `empty`. */
export function wantsSources(variables: ReadonlyMap<string, string>): boolean {
  const strategy = variables.get('GIT_STRATEGY');
  return strategy !== 'none' && strategy !== 'empty';
}

async function runScriptStage(
  run: JobRun,
  jobLimit: TimeLimit,
  stops: readonly AbortSignal[],
): Promise<JobEnding> {
  const { job, log, clock, variables, environment } = run;
  if (job.command?.program === null && environment.runCommand === undefined) return noProgram(job.name);
  const seconds = secondsOf(variables.exported.get('RUNNER_SCRIPT_TIMEOUT'));
  const scriptLimit = seconds === null ? null : startTimeLimit(clock, seconds, [jobLimit.signal]);
  const result = await log
    .inSection('step_script', 'Executing "step_script" stage of the job script', () =>
      runCommandOrLines(run, scriptLimit?.signal ?? jobLimit.signal),
    )
    .finally(() => scriptLimit?.stop());
  if (result.kind !== 'aborted') return endingOfScript(result);
  if (stops.some((stop) => stop.aborted)) return { kind: 'canceled' };
  const allowed = scriptLimit?.isExpired() ? (seconds ?? 0) : job.timeoutSeconds;
  return failed(
    'job_execution_timeout',
    `The script took longer than the ${secondsText(allowed)} it may take.`,
  );
}

function runCommandOrLines(run: JobRun, signal: AbortSignal): Promise<ScriptResult> {
  const { command, script } = run.job;
  return command === undefined ? runLines(run, script, signal) : runCommand(run, command, signal);
}

function noProgram(job: string): JobEnding {
  return failed(
    'runner_unsupported',
    `The job "${job}" runs the program of its image, and there is no image here: run it in a container, or name its program.`,
  );
}

function endingOfScript(result: ScriptResult): JobEnding {
  if (result.kind === 'lost')
    return failed('runner_system_failure', `The environment was lost: ${result.reason}.`);
  if (result.kind === 'aborted') return { kind: 'canceled' };
  const { exitCode } = result;
  return exitCode === 0
    ? { kind: 'success' }
    : failed('script_failure', `The script failed with exit code ${exitCode}.`, exitCode);
}

/** Whatever it does, it changes nothing, unless AFTER_SCRIPT_IGNORE_ERRORS is false. */
async function runAfterScript(run: JobRun, ending: JobEnding, kill: AbortSignal): Promise<JobEnding> {
  const { job, log, clock, variables } = run;
  if (job.afterScript.length === 0) return ending;
  const seconds = secondsOf(variables.exported.get('RUNNER_AFTER_SCRIPT_TIMEOUT')) ?? AFTER_SCRIPT_SECONDS;
  const limit = startTimeLimit(clock, seconds, [kill]);
  const result = await log
    .inSection('after_script', 'Running after_script', () =>
      runLines(run, job.afterScript, limit.signal, { CI_JOB_STATUS: ending.kind }),
    )
    .finally(limit.stop);
  if (kill.aborted) return { kind: 'canceled' };
  const afterEnding = limit.isExpired()
    ? failed(
        'job_execution_timeout',
        `after_script took longer than the ${secondsText(seconds)} it may take.`,
      )
    : endingOfScript(result);
  if (afterEnding.kind !== 'failed') return ending;
  if (ending.kind === 'success' && variables.exported.get('AFTER_SCRIPT_IGNORE_ERRORS') === 'false') {
    return afterEnding;
  }
  await log.line(
    `WARNING: after_script failed, which does not change the job: ${afterEnding.message}`,
    'warning',
  );
  return ending;
}

/** GitLab's default of RUNNER_AFTER_SCRIPT_TIMEOUT. */
const AFTER_SCRIPT_SECONDS = 300;

function secondsOf(duration: string | undefined): number | null {
  return duration === undefined || duration === '' ? null : parseDuration(duration);
}

async function keepFiles(
  run: JobRun,
  caches: ResolvedCaches,
  ending: JobEnding,
  signal: AbortSignal,
): Promise<{ readonly ending: JobEnding; readonly outputs: JobOutputs }> {
  const { log, environment } = run;
  const { workspace, projectDir } = environment;
  const outcome = ending.kind === 'success' ? 'success' : 'failure';
  if (caches.length > 0) {
    const success = outcome === 'success';
    const name = success ? 'archive_cache' : 'archive_cache_on_failure';
    await log.inSection(name, `Saving cache for ${success ? 'successful' : 'failed'} job`, () =>
      saveCaches({ store: run.caches, caches, workspace, projectDir, outcome, log, signal }),
    );
  }
  const { outputs, failure } = await collectOutputs(run, outcome, signal);
  if (failure === null || ending.kind !== 'success') return { ending, outputs };
  return { ending: failed('runner_system_failure', failure), outputs };
}
