import { setMaxListeners } from 'node:events';
import {
  advance,
  type BridgeJob,
  type BuildJob,
  type Command,
  createState,
  isCompleted,
  isIdle,
  type Job,
  type JobStatusChanged,
  type PipelineEvent,
  type PipelineState,
  type PlayVariables,
  pipelineStatus,
} from '../pipeline/index.ts';
import { createFetchedJobs } from './fetched-jobs.ts';
import type { PipelineRequest, PipelineResult, PipelineScope } from './pipeline-request.ts';
import { runBridge } from './run-bridge.ts';
import { runBuild } from './run-build.ts';
import type { JobStatusChanged as JobStatusEvent } from './run-events.ts';
import type { RunHost } from './run-host.ts';
import { resourceName } from './variables.ts';

/**
 * Drives one pipeline to its end: hands events to the state machine and carries out what it commands, until nothing is
 * in flight any more. All that is decided is decided there; this only does.
 */
export function runPipeline(host: RunHost, request: PipelineRequest): Promise<PipelineResult> {
  const { plan, within } = request;
  const jobs = new Map(plan.jobs.map((job) => [job.name, job]));
  const scope: PipelineScope = {
    request,
    kept: new Map(),
    fetchedJobs: createFetchedJobs(plan),
    emit: (event) => host.listener(event),
  };

  return new Promise((resolve, reject) => {
    let state: PipelineState = createState(plan);
    let draining = false;
    let inFlight = 0;
    let detachedFailure = false;
    const events: PipelineEvent[] = [];
    const running = new Map<string, RunningJob>();
    const timers = new Map<string, () => void>();

    const onCancel = (): void => dispatch({ type: 'pipeline-canceled' });
    request.cancel.addEventListener('abort', onCancel, { once: true });
    dispatch({ type: 'pipeline-started' });
    if (request.cancel.aborted) onCancel();

    function dispatch(event: PipelineEvent): void {
      events.push(event);
      if (draining) return;
      draining = true;
      try {
        for (let next = events.shift(); next !== undefined; next = events.shift()) {
          const step = advance(state, next);
          state = step.state;
          for (const command of step.commands) carryOut(command);
        }
      } catch (error) {
        reject(error);
      }
      draining = false;
      finishWhenIdle();
    }

    function carryOut(command: Command): void {
      switch (command.type) {
        case 'run-job':
        case 'trigger-downstream':
          begin(command);
          break;
        case 'cancel-job':
        case 'cancel-downstream':
          running.get(command.job)?.cancel.abort();
          break;
        case 'start-timer':
          startTimer(command.job, command.attempt, command.seconds);
          break;
        case 'cancel-timer':
          timers.get(command.job)?.();
          timers.delete(command.job);
          break;
        case 'request-resource':
          host.resources.request(resourceOf(command), ownerOf(command), () =>
            dispatch({ type: 'resource-granted', job: command.job, attempt: command.attempt }),
          );
          break;
        case 'release-resource':
          host.resources.release(resourceOf(command), ownerOf(command));
          break;
        case 'job-status-changed':
          tellJobStatus(command);
          break;
        case 'pipeline-status-changed':
          request.onStatus(command.to);
          break;
      }
    }

    /** Starts the work of one attempt in the background; what it throws is a defect of ours and ends the run. */
    function begin(command: StartCommand): void {
      const cancel = new AbortController();
      setMaxListeners(0, cancel.signal);
      const handle: RunningJob = { attempt: command.attempt, cancel, startedAt: null, message: null };
      const job = jobNamed(command.job);
      running.set(command.job, handle);
      inFlight++;
      const work =
        job.kind === 'build' ? build(job, command.variables, handle) : bridge(job, command.variables, handle);
      work.then(settle, reject);
    }

    function settle(): void {
      inFlight--;
      finishWhenIdle();
    }

    function finishWhenIdle(): void {
      if (draining || inFlight > 0 || timers.size > 0 || !isIdle(state)) return;
      request.cancel.removeEventListener('abort', onCancel);
      resolve({ status: pipelineStatus(state), detachedFailure });
    }

    async function build(job: BuildJob, variables: PlayVariables, handle: RunningJob): Promise<void> {
      const giveBack = await host.slots.take(handle.cancel.signal).catch(() => null);
      if (giveBack === null) return;
      try {
        handle.startedAt = host.clock.now();
        dispatch({ type: 'job-started', job: job.name, attempt: handle.attempt });
        const { result, ended } = await runBuild(host, scope, {
          job,
          attempt: handle.attempt,
          variables,
          cancel: handle.cancel.signal,
        });
        await scope.emit(ended);
        if (result.status === 'failed') handle.message = result.message;
        dispatch({ type: 'job-finished', job: job.name, attempt: handle.attempt, outcome: result });
      } finally {
        giveBack();
      }
    }

    async function bridge(job: BridgeJob, variables: PlayVariables, handle: RunningJob): Promise<void> {
      handle.startedAt = host.clock.now();
      const outcome = await runBridge(host, scope, {
        job,
        runPipeline,
        variables,
        cancel: handle.cancel.signal,
        onCreated: () => dispatch({ type: 'downstream-created', job: job.name, attempt: handle.attempt }),
        onStatus: (status) =>
          dispatch({ type: 'downstream-changed', job: job.name, attempt: handle.attempt, status }),
      });
      if (outcome.kind === 'refused') {
        handle.message = outcome.message;
        dispatch({
          type: 'downstream-refused',
          job: job.name,
          attempt: handle.attempt,
          reason: 'downstream_pipeline_creation_failed',
        });
        return;
      }
      const failed = !isCompleted(outcome.status) || outcome.status === 'failed';
      if ((failed && job.trigger.strategy === null) || outcome.detachedFailure) detachedFailure = true;
    }

    function startTimer(job: string, attempt: number, seconds: number): void {
      const stop = host.clock.after(seconds * 1000, () => {
        timers.delete(job);
        dispatch({ type: 'delay-elapsed', job, attempt });
      });
      timers.set(job, stop);
    }

    function tellJobStatus(change: JobStatusChanged): void {
      const handle = running.get(change.job);
      const current = handle?.attempt === change.attempt ? handle : undefined;
      void scope.emit(statusEvent(change, within, current, host.clock.now()));
      if (current !== undefined && isCompleted(change.to)) running.delete(change.job);
      if ((change.to === 'manual' || change.to === 'scheduled') && request.played.has(change.job)) {
        dispatch({ type: 'job-played', job: change.job, variables: {} });
      }
    }

    function jobNamed(name: string): Job {
      const job = jobs.get(name);
      if (job === undefined) throw new Error(`No job ${name} in the plan`);
      return job;
    }

    function resourceOf(command: ResourceCommand): string {
      return resourceName(scope, jobNamed(command.job), command.group);
    }

    function ownerOf(command: ResourceCommand): string {
      return [...within, command.job, command.attempt].join('\0');
    }
  });
}

type StartCommand = Extract<Command, { readonly type: 'run-job' | 'trigger-downstream' }>;
type ResourceCommand = Extract<Command, { readonly type: 'request-resource' | 'release-resource' }>;

/** One attempt of a job on its way. */
interface RunningJob {
  readonly attempt: number;
  readonly cancel: AbortController;
  startedAt: number | null;
  /** A person's sentence about why it failed. */
  message: string | null;
}

function statusEvent(
  change: JobStatusChanged,
  within: readonly string[],
  handle: RunningJob | undefined,
  now: number,
): JobStatusEvent {
  const startedAt = handle?.startedAt ?? null;
  return {
    type: 'job-status',
    within,
    job: change.job,
    attempt: change.attempt,
    status: change.to,
    failure:
      change.failure === null
        ? null
        : {
            reason: change.failure.reason,
            exitCode: change.failure.exitCode,
            message: handle?.message ?? change.failure.reason.replaceAll('_', ' '),
            allowed: change.allowedToFail,
            willRetry: change.willRetry,
          },
    seconds: startedAt === null ? null : (now - startedAt) / 1000,
  };
}
