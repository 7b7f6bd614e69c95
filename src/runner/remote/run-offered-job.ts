import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import type { JobSpec } from '../../protocol/index.ts';
import type { Executor } from '../executor.ts';
import { removeTree } from '../folder/remove-tree.ts';
import type { JobResult } from '../job-result.ts';
import type { CacheStore, WorkspaceSource } from '../ports.ts';
import { runJob } from '../run-job.ts';
import { createServerArtifactStore } from './artifacts/server-artifact-store.ts';
import { endingOf, knownWord } from './failure-words.ts';
import type { JobNumbers } from './job-numbers.ts';
import type { OfferedJob } from './offered-job.ts';
import type { PlaceInUse } from './places/held-places.ts';
import { type RunnerFacts, withRemoteVariables } from './remote-variables.ts';
import type { RunnerEvent } from './runner-events.ts';
import type { ServerConnection } from './server/connection.ts';
import { createJobCalls } from './server/job-calls.ts';
import type { RunnerDescription } from './server/runner-description.ts';
import type { Ending, Reported } from './trace/courier.ts';
import { type JobReport, startJobReport } from './trace/job-report.ts';
import { createTraceBuffer } from './trace/trace-buffer.ts';

/** What all jobs of a runner have in common. */
export interface JobSurroundings {
  readonly connection: ServerConnection;
  readonly info: RunnerDescription;
  readonly facts: RunnerFacts;
  /** Of all jobs, and of a project's. */
  readonly numbers: JobNumbers;
  numbersIn(projectId: number): JobNumbers;
  executorFor(job: JobSpec): Executor;
  workspacesFor(job: Extract<OfferedJob, { kind: 'readable' }>): WorkspaceSource;
  cachesFor(projectId: number): CacheStore;
  /** What the jobs of a place share. */
  enterPlace(place: number): PlaceInUse;
  /** A folder of this process, on a disk with room for the jobs' files. */
  readonly runFolder: string;
  readonly logLimitBytes: number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly listener: (event: RunnerEvent) => void;
  /** The machine is going away: jobs end at once, and are told to be for another runner. */
  readonly handBack: AbortSignal;
  /** Not even the server is told any more. */
  readonly abandon: AbortSignal;
}

/** Runs one job that a server has handed out, and tells the server everything about it. Never throws. */
export async function runOfferedJob(
  offered: Exclude<OfferedJob, { kind: 'unreadable' }>,
  surroundings: JobSurroundings,
): Promise<void> {
  const { clock, listener, connection, info, abandon, random, logLimitBytes } = surroundings;
  const identity =
    offered.kind === 'readable' ? { id: offered.spec.id, token: offered.access.token } : offered;
  const { id } = identity;
  const startedAt = clock.elapsed();
  const folder = join(surroundings.runFolder, `transfer-${id}`);
  // Until its end is told: the server knows by then whether others follow.
  const shared =
    offered.kind === 'readable' && offered.access.place !== null
      ? surroundings.enterPlace(offered.access.place)
      : null;
  const kill = new AbortController();
  const cancel = new AbortController();
  const handBack = () => kill.abort();
  surroundings.handBack.addEventListener('abort', handBack, { once: true });
  if (surroundings.handBack.aborted) handBack();
  await using buffer = createTraceBuffer(join(surroundings.runFolder, `log-${id}`));
  const report = startJobReport({
    calls: createJobCalls(connection, identity, info, abandon),
    buffer,
    logLimitBytes,
    clock,
    random,
    onCanceling: () => cancel.abort(),
    onGone: () => kill.abort(),
    signal: abandon,
  });
  try {
    const { result, ending } =
      offered.kind === 'readable'
        ? await runToItsEnd(offered, surroundings, { report, kill, cancel, folder, shared, identity })
        : await refuse(offered, report);
    const seconds = (clock.elapsed() - startedAt) / 1000;
    const { reason } = ending;
    listener({ type: 'job-ended', job: id, status: result, reason, seconds });
    tell(id, await report.finish(ending), listener);
  } catch (error) {
    listener({ type: 'defect', job: id, error });
    const known = offered.kind === 'readable' ? offered.failureReasons : [];
    const reason = knownWord('runner_system_failure', known);
    tell(id, await report.finish({ state: 'failed', reason, exitCode: null }), listener);
  } finally {
    surroundings.handBack.removeEventListener('abort', handBack);
    shared?.leave();
    await removeTree(folder);
  }
}

function tell(job: number, reported: Reported, listener: (event: RunnerEvent) => void): void {
  // A job that was taken away is one that the server knows the end of.
  if (reported.kind === 'given-up') listener({ type: 'job-not-reported', job, reason: reported.reason });
}

interface Ended {
  readonly result: JobResult['status'];
  readonly ending: Ending;
}

interface JobParts {
  readonly report: JobReport;
  readonly kill: AbortController;
  readonly cancel: AbortController;
  readonly folder: string;
  readonly shared: PlaceInUse | null;
  readonly identity: { readonly id: number; readonly token: string };
}

async function runToItsEnd(
  offered: Extract<OfferedJob, { kind: 'readable' }>,
  surroundings: JobSurroundings,
  { report, kill, cancel, folder, shared, identity }: JobParts,
): Promise<Ended> {
  const { access, failureReasons } = offered;
  const { numbers } = surroundings;
  const numbersInProject = surroundings.numbersIn(offered.projectId);
  const place = { number: numbers.take(), numberInProject: numbersInProject.take() };
  const spec = withRemoteVariables(offered.spec, access, surroundings.facts, place);
  const { connection, clock, random } = surroundings;
  surroundings.listener({
    type: 'job-taken',
    job: spec.id,
    name: spec.name,
    project: spec.projectPath,
  });
  await report.sink.write(Buffer.from(firstLine(surroundings.facts)));
  if (spec.artifacts.length > 0 || spec.dependencies.length > 0) await mkdir(folder, { mode: 0o700 });
  const { dependencyTokens } = access;
  const { signal } = kill;
  const own = surroundings.workspacesFor(offered);
  const result = await runJob({
    job: spec,
    executor: surroundings.executorFor(spec),
    workspaces: shared === null ? own : shared.folders.workspacesFor(spec, own),
    volumes: (await shared?.folders.volumesOf(spec)) ?? [],
    artifacts: createServerArtifactStore({
      connection,
      job: identity,
      dependencyTokens,
      folder,
      clock,
      random,
      signal,
    }),
    caches: surroundings.cachesFor(offered.projectId),
    sink: report.sink,
    clock,
    scratchRoot: surroundings.runFolder,
    signal,
    cancel: cancel.signal,
  }).finally(() => {
    numbers.give(place.number);
    numbersInProject.give(place.numberInProject);
  });
  if (!surroundings.handBack.aborted || result.status !== 'canceled' || cancel.signal.aborted) {
    return { result: result.status, ending: endingOf(result, failureReasons) };
  }
  const sentence = 'The machine of this runner is going away: the job is given back for another one.';
  await report.sink.write(Buffer.from(`ERROR: ${sentence}\n`));
  const reason = knownWord('runner_interrupted', failureReasons);
  return { result: 'failed', ending: { state: 'failed', reason, exitCode: null } };
}

/** So that whoever reads a log knows where to look for the rest. */
function firstLine({ version, machine, systemId }: RunnerFacts): string {
  return `Running with slipway ${version} on ${machine} (${systemId})\n`;
}

/** A job that cannot be understood is not run in part. */
async function refuse(
  { problem }: Extract<OfferedJob, { kind: 'unusable' }>,
  report: JobReport,
): Promise<Ended> {
  await report.sink.write(Buffer.from(`ERROR: This runner cannot run the job. ${problem}\n`));
  return { result: 'failed', ending: { state: 'failed', reason: 'runner_unsupported', exitCode: null } };
}
