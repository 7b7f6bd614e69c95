import { advance } from '../advance.ts';
import type { Command } from '../command.ts';
import type { Step } from '../draft.ts';
import type { JobOutcome, PipelineEvent } from '../event.ts';
import type { Plan } from '../plan.ts';
import { createState, type PipelineState } from '../state.ts';
import type { PipelineStatus } from '../status.ts';

/** How the things go that a pipeline asks for. */
export interface Fate {
  outcome(job: string, attempt: number): JobOutcome;
  /** The statuses that the downstream pipeline goes through, or null when it cannot be created. */
  downstream(job: string, attempt: number): readonly PipelineStatus[] | null;
}

export const allGoesWell: Fate = {
  outcome: () => ({ status: 'success' }),
  downstream: () => ['running', 'success'],
};

/**
 * All that is outside a pipeline: runners, timers, resource groups, other pipelines. It carries out every command and
 * puts the answers into `due`; whoever holds the world decides in which order they arrive. What a canceled job or
 * timer has sent before it was canceled still arrives.
 */
export interface World {
  state: PipelineState;
  readonly due: PipelineEvent[];
  readonly fate: Fate;
  readonly resources: Map<string, Claim[]>;
}

/** The first claim in a group's line holds its resource. */
interface Claim {
  readonly job: string;
  readonly attempt: number;
}

export function createWorld(plan: Plan, fate: Fate = allGoesWell): World {
  return { state: createState(plan), due: [], fate, resources: new Map() };
}

/** Lets an event happen, and carries out what the pipeline asks for in return. */
export function happen(world: World, event: PipelineEvent): Step {
  const step = advance(world.state, event);
  if (step.state !== world.state) goOn(world, event);
  world.state = step.state;
  for (const command of step.commands) carryOut(world, command);
  return step;
}

/** Starts the pipeline and lets every answer arrive in the order it was given. Returns the number of events. */
export function runToRest(world: World): number {
  world.due.push({ type: 'pipeline-started' });
  let events = 0;
  for (const event of world.due) {
    happen(world, event);
    events += 1;
  }
  world.due.length = 0;
  return events;
}

/** A job that has begun will end; a downstream pipeline goes through its statuses one after another. */
function goOn(world: World, event: PipelineEvent): void {
  if (event.type === 'job-started') {
    const { job, attempt } = event;
    world.due.push({ type: 'job-finished', job, attempt, outcome: world.fate.outcome(job, attempt) });
  }
  if (event.type === 'downstream-created' || event.type === 'downstream-resumed') {
    const { job, attempt } = event;
    const statuses = world.fate.downstream(job, attempt) ?? [];
    const changes = statuses.map((status) => ({ type: 'downstream-changed', job, attempt, status }) as const);
    world.due.push(...changes);
  }
}

function carryOut(world: World, command: Command): void {
  const { due } = world;
  switch (command.type) {
    case 'run-job':
      due.push({ type: 'job-started', job: command.job, attempt: command.attempt });
      return;
    case 'cancel-job':
      due.push({ ...answerTo(command), type: 'job-finished', outcome: { status: 'canceled' } });
      return;
    case 'start-timer':
      due.push({ ...answerTo(command), type: 'delay-elapsed' });
      return;
    case 'trigger-downstream':
      due.push(
        world.fate.downstream(command.job, command.attempt) === null
          ? {
              ...answerTo(command),
              type: 'downstream-refused',
              reason: 'downstream_pipeline_creation_failed',
            }
          : { ...answerTo(command), type: 'downstream-created' },
      );
      return;
    case 'cancel-downstream':
      due.push({ ...answerTo(command), type: 'downstream-changed', status: 'canceled' });
      return;
    case 'request-resource':
      requestResource(world, command.group, answerTo(command));
      return;
    case 'release-resource':
      releaseResource(world, command.group, answerTo(command));
      return;
    case 'cancel-timer':
    case 'job-status-changed':
    case 'pipeline-status-changed':
      return;
  }
}

function answerTo(command: { readonly job: string; readonly attempt: number }): Claim {
  return { job: command.job, attempt: command.attempt };
}

function requestResource(world: World, group: string, claim: Claim): void {
  const line = world.resources.get(group) ?? [];
  world.resources.set(group, [...line, claim]);
  if (line.length === 0) world.due.push({ ...claim, type: 'resource-granted' });
}

function releaseResource(world: World, group: string, { job, attempt }: Claim): void {
  const line = world.resources.get(group) ?? [];
  const rest = line.filter((claim) => claim.job !== job || claim.attempt !== attempt);
  world.resources.set(group, rest);
  const next = rest[0];
  if (next !== undefined && next !== line[0]) world.due.push({ ...next, type: 'resource-granted' });
}
