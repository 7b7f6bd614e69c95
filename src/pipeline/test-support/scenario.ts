import { expect, it } from 'vitest';
import type { Command } from '../command.ts';
import type { PipelineEvent } from '../event.ts';
import type { Plan } from '../plan.ts';
import { jobState, jobStates, pipelineStatus } from '../state.ts';
import { FAILURE_REASONS, JOB_STATUSES } from '../status.ts';
import { createWorld, happen, type World } from './world.ts';

/** A rule without words carries the one before it on. */
export type Scenario = readonly [rule: string, plan: Plan, story: string, standing: string];

/**
 * Tells a story to a new pipeline and returns where everything stands: `play` of `'start, a passes, b fails 3'` gives
 * `'a success, b failed, pipeline failed'`. Answers come only when the story says so, apart from resources, which are
 * granted in the order they were asked for.
 *
 * The words: `start`, `cancel`; `J starts`, `J passes`, `J fails [exit code] [reason]`, `J stops` (the runner says it
 * was canceled); `play J`, `retry J`, `cancel J`; `J is due` (its delay is over); and of the pipeline of bridge J:
 * `J created`, `J refused`, `J becomes STATUS`, `J resumes`. Jobs that pass, fail or stop are started first if they are pending.
 */
function tell(plan: Plan, story: string): string {
  return standing(toldWorld(plan, story));
}

export function toldWorld(plan: Plan, story: string): World {
  const world = createWorld(plan);
  for (const sentence of story.split(',').filter((part) => part !== '')) {
    tellSentence(world, sentence.trim());
    grantResources(world);
  }
  return world;
}

/** What the pipeline asks for in answer to one more sentence. */
export function commandsAfter(plan: Plan, story: string, sentence: string): Command[] {
  return tellSentence(toldWorld(plan, story), sentence);
}

/** One test for each story. */
export function scenarios(cases: readonly Scenario[]): void {
  const named = cases.map(([rule, plan, story, expected]) => ({ rule, plan, story, expected }));
  it.each(named)('$rule ($story)', ({ plan, story, expected }) => {
    expect(tell(plan, story)).toBe(expected);
  });
}

/** Every job with its status, in plan order, then the pipeline. */
function standing({ state }: World): string {
  const jobs = Array.from(jobStates(state), ([name, { status }]) => `${name} ${status}`);
  return [...jobs, `pipeline ${pipelineStatus(state)}`].join(', ');
}

/** The same in short, without what only tells of changes. */
export function commandsOf(sketch: Plan, story: string, sentence: string): string[] {
  return commandsAfter(sketch, story, sentence)
    .map(shown)
    .filter((text) => !text.includes('→'));
}

/** A command in a few words. */
export function shown(command: Command): string {
  switch (command.type) {
    case 'job-status-changed':
      return `${command.job} ${command.from} → ${command.to}`;
    case 'pipeline-status-changed':
      return `pipeline ${command.from} → ${command.to}`;
    default:
      return `${command.type} ${command.job} ${command.attempt}`;
  }
}

function tellSentence(world: World, sentence: string): Command[] {
  return eventsOf(world, sentence).flatMap((event) => happen(world, event).commands);
}

function eventsOf(world: World, sentence: string): PipelineEvent[] {
  if (sentence === 'start') return [{ type: 'pipeline-started' }];
  if (sentence === 'cancel') return [{ type: 'pipeline-canceled' }];
  const [verb = '', object = ''] = sentence.split(' ');
  switch (verb) {
    case 'play':
      return [{ type: 'job-played', job: object, variables: {} }];
    case 'retry':
      return [{ type: 'job-retried', job: object, variables: null }];
    case 'cancel':
      return [{ type: 'job-canceled', job: object }];
    default:
      return eventsOfJob(world, sentence);
  }
}

function eventsOfJob(world: World, sentence: string): PipelineEvent[] {
  const [job = '', verb, detail, reason] = sentence.split(' ');
  const attempt = jobState(world.state, job).attempt;
  const started = { type: 'job-started', job, attempt } as const;
  const finished = { type: 'job-finished', job, attempt } as const;
  switch (verb) {
    case 'starts':
      return [started];
    case 'passes':
      return [started, { ...finished, outcome: { status: 'success' } }];
    case 'fails':
      return [started, { ...finished, outcome: { status: 'failed', ...failureOf(detail, reason) } }];
    case 'stops':
      return [started, { ...finished, outcome: { status: 'canceled' } }];
    case 'is':
      return [{ type: 'delay-elapsed', job, attempt }];
    case 'created':
      return [{ type: 'downstream-created', job, attempt }];
    case 'refused':
      return [{ type: 'downstream-refused', job, attempt, reason: 'downstream_pipeline_creation_failed' }];
    case 'resumes':
      return [{ type: 'downstream-resumed', job, attempt }];
    case 'becomes':
      return [{ type: 'downstream-changed', job, attempt, status: known(JOB_STATUSES, detail) }];
    default:
      throw new Error(`The story has a sentence that says nothing: ${sentence}`);
  }
}

function failureOf(detail = '1', reason = 'script_failure') {
  return { exitCode: detail === 'without' ? null : Number(detail), reason: known(FAILURE_REASONS, reason) };
}

function known<T extends string>(words: readonly T[], text: string | undefined): T {
  const word = words.find((candidate) => candidate === text);
  if (word === undefined) throw new Error(`The story has an unknown word: ${text}`);
  return word;
}

function grantResources(world: World): void {
  const granted = world.due.filter((event) => event.type === 'resource-granted');
  world.due.length = 0;
  for (const event of granted) happen(world, event);
}
