import { setMaxListeners } from 'node:events';
import {
  advance,
  type BridgeJob,
  type BuildJob,
  type Command,
  createFetchedJobs,
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
import { createSharedFolders } from '../runner/index.ts';
import { jobStatusEvent, type RunningJob } from './job-status-event.ts';
import { confirmationOf, noticesOf } from './pipeline-notices.ts';
import type { PipelineRequest, PipelineResult, PipelineScope } from './pipeline-request.ts';
import { runBridge } from './run-bridge.ts';
import { runBuild } from './run-build.ts';
import type { RunHost } from './run-host.ts';
import { resourceName } from './variables.ts';

/**
 * Drives one pipeline to its end: hands events to the state machine and carries out what it commands, until nothing is
 * in flight any more. All that is decided is decided there; this only does.
 */
export function runPipeline(host: RunHost, request: PipelineRequest): Promise<PipelineResult> {
  return new PipelineRun(host, request).run();
}

class PipelineRun {
  readonly #host: RunHost;
  readonly #request: PipelineRequest;
  readonly #scope: PipelineScope;
  readonly #jobs: ReadonlyMap<string, Job>;
  readonly #ended = Promise.withResolvers<PipelineResult>();
  /** What has happened and the state machine has not seen yet; carrying out a command may add to it. */
  readonly #events: PipelineEvent[] = [];
  readonly #running = new Map<string, RunningJob>();
  readonly #timers = new Map<string, () => void>();
  #state: PipelineState;
  #draining = false;
  /** Attempts whose work has not come back; a bridge may be completed long before its child is. */
  #inFlight = 0;
  #detachedFailure = false;
  #defect: { readonly error: unknown } | null = null;

  constructor(host: RunHost, request: PipelineRequest) {
    this.#host = host;
    this.#request = request;
    this.#jobs = new Map(request.plan.jobs.map((job) => [job.name, job]));
    this.#state = createState(request.plan);
    this.#scope = {
      request,
      kept: new Map(),
      shared: createSharedFolders({
        parent: host.scratchRoot,
        reclaim: (folder) => host.reclaim(folder),
      }),
      fetchedJobs: createFetchedJobs(request.plan),
      emit: (event) => host.listener(event),
    };
    host.pipelinesById.set(request.context.pipeline.id, this.#scope);
  }

  async run(): Promise<PipelineResult> {
    const { cancel } = this.#request;
    const onCancel = (): void => this.#dispatch({ type: 'pipeline-canceled' });
    cancel.addEventListener('abort', onCancel, { once: true });
    try {
      const hasNoEngine = (job: BuildJob): boolean =>
        !this.#host.engineSocket && this.#host.executorFor(job).name === 'docker';
      for (const message of noticesOf(this.#request.plan, hasNoEngine)) await this.#notice(message);
      this.#dispatch({ type: 'pipeline-started' });
      if (cancel.aborted) onCancel();
      return await this.#ended.promise;
    } finally {
      cancel.removeEventListener('abort', onCancel);
      await this.#scope.shared[Symbol.asyncDispose]();
    }
  }

  #dispatch(event: PipelineEvent): void {
    this.#events.push(event);
    if (this.#draining) return;
    this.#draining = true;
    try {
      for (let next = this.#events.shift(); next !== undefined; next = this.#events.shift()) {
        const step = advance(this.#state, next);
        this.#state = step.state;
        for (const command of step.commands) this.#carryOut(command);
      }
    } catch (error) {
      this.#fail(error);
    }
    this.#draining = false;
    this.#endWhenIdle();
  }

  /** A defect of ours: the other jobs are stopped, and the run ends with the error when they are. */
  #fail(error: unknown): void {
    this.#defect ??= { error };
    for (const stop of this.#timers.values()) stop();
    this.#timers.clear();
    for (const { cancel } of this.#running.values()) cancel.abort();
    this.#host.stopEverything();
    this.#endWhenIdle();
  }

  #endWhenIdle(): void {
    if (this.#defect !== null) {
      if (this.#inFlight === 0) this.#ended.reject(this.#defect.error);
      return;
    }
    if (this.#draining || this.#inFlight > 0 || this.#timers.size > 0 || !isIdle(this.#state)) return;
    this.#ended.resolve({ status: pipelineStatus(this.#state), detachedFailure: this.#detachedFailure });
  }

  #carryOut(command: Command): void {
    switch (command.type) {
      case 'run-job':
      case 'trigger-downstream':
        this.#begin(command);
        break;
      case 'cancel-job':
      case 'cancel-downstream':
        this.#running.get(command.job)?.cancel.abort();
        break;
      case 'start-timer':
        this.#startTimer(command.job, command.attempt, command.seconds);
        break;
      case 'cancel-timer':
        this.#timers.get(command.job)?.();
        this.#timers.delete(command.job);
        break;
      case 'request-resource':
        this.#host.resources.request(this.#resourceOf(command), this.#ownerOf(command), () =>
          this.#dispatch({ type: 'resource-granted', job: command.job, attempt: command.attempt }),
        );
        break;
      case 'release-resource':
        this.#host.resources.release(this.#resourceOf(command), this.#ownerOf(command));
        break;
      case 'job-status-changed':
        this.#tellJobStatus(command);
        break;
      case 'pipeline-status-changed':
        this.#request.onStatus(command.to);
        break;
    }
  }

  /** Starts the work of one attempt in the background; what it throws is a defect of ours. */
  #begin(command: StartCommand): void {
    const cancel = new AbortController();
    setMaxListeners(0, cancel.signal);
    const handle: RunningJob = { attempt: command.attempt, cancel, startedAt: null, message: null };
    const job = this.#jobNamed(command.job);
    this.#running.set(command.job, handle);
    this.#inFlight++;
    const work =
      job.kind === 'build'
        ? this.#build(job, command.variables, handle)
        : this.#bridge(job, command.variables, handle);
    const settle = (): void => {
      this.#inFlight--;
      this.#endWhenIdle();
    };
    work.catch((error: unknown) => this.#fail(error)).then(settle, settle);
  }

  async #build(job: BuildJob, variables: PlayVariables, handle: RunningJob): Promise<void> {
    const slot = await this.#host.slots.take(handle.cancel.signal).catch(() => null);
    if (slot === null) return; // Canceled while it waited, which the state machine knows.
    const { attempt, cancel } = handle;
    try {
      handle.startedAt = this.#host.clock.elapsed();
      this.#dispatch({ type: 'job-started', job: job.name, attempt });
      const { result, ended } = await runBuild(this.#host, this.#scope, {
        job,
        attempt,
        slot: slot.number,
        variables,
        cancel: cancel.signal,
      });
      await this.#scope.emit(ended);
      if (result.status === 'failed') handle.message = result.message;
      this.#dispatch({ type: 'job-finished', job: job.name, attempt, outcome: result });
    } finally {
      slot.giveBack();
    }
  }

  async #bridge(job: BridgeJob, variables: PlayVariables, handle: RunningJob): Promise<void> {
    const answer = { job: job.name, attempt: handle.attempt };
    handle.startedAt = this.#host.clock.elapsed();
    const outcome = await runBridge(this.#host, this.#scope, {
      job,
      runPipeline,
      variables,
      cancel: handle.cancel.signal,
      onCreated: () => this.#dispatch({ type: 'downstream-created', ...answer }),
      onStatus: (status) => this.#dispatch({ type: 'downstream-changed', ...answer, status }),
    });
    if (outcome.kind === 'refused') {
      handle.message = outcome.message;
      this.#dispatch({ type: 'downstream-refused', ...answer, reason: outcome.reason });
      return;
    }
    const passed = isCompleted(outcome.status) && outcome.status !== 'failed';
    if ((!passed && job.trigger.strategy === null) || outcome.detachedFailure) this.#detachedFailure = true;
  }

  #startTimer(job: string, attempt: number, seconds: number): void {
    const stop = this.#host.clock.after(seconds * 1000, () => {
      this.#timers.delete(job);
      this.#dispatch({ type: 'delay-elapsed', job, attempt });
    });
    this.#timers.set(job, stop);
  }

  #tellJobStatus(change: JobStatusChanged): void {
    const { within, played } = this.#request;
    const handle = this.#running.get(change.job);
    const current = handle?.attempt === change.attempt ? handle : null;
    const event = jobStatusEvent(change, within, current, this.#host.clock.elapsed());
    Promise.resolve(this.#scope.emit(event)).catch((error: unknown) => this.#fail(error));
    if (change.to === 'manual') {
      const asked = confirmationOf(this.#jobNamed(change.job), played.has(change.job));
      if (asked !== null) this.#notice(asked).catch((error: unknown) => this.#fail(error));
    }
    if (current !== null && isCompleted(change.to)) this.#running.delete(change.job);
    if ((change.to === 'manual' || change.to === 'scheduled') && played.has(change.job)) {
      this.#dispatch({ type: 'job-played', job: change.job, variables: {} });
    }
  }

  async #notice(message: string): Promise<void> {
    await this.#scope.emit({ type: 'notice', within: this.#request.within, level: 'info', message });
  }

  #jobNamed(name: string): Job {
    const job = this.#jobs.get(name);
    if (job === undefined) throw new Error(`No job ${name} in the plan`);
    return job;
  }

  #resourceOf(command: ResourceCommand): string {
    return resourceName(this.#scope, this.#jobNamed(command.job), command.group);
  }

  #ownerOf(command: ResourceCommand): string {
    return [...this.#request.within, command.job, command.attempt].join('\0');
  }
}

type StartCommand = Extract<Command, { readonly type: 'run-job' | 'trigger-downstream' }>;
type ResourceCommand = Extract<Command, { readonly type: 'request-resource' | 'release-resource' }>;
