import fc from 'fast-check';
import type { Step } from '../draft.ts';
import type { JobOutcome, PipelineEvent } from '../event.ts';
import type { Plan } from '../plan.ts';
import type { PipelineState } from '../state.ts';
import type { PipelineStatus } from '../status.ts';
import { arbitraryOutcome, arbitraryPlan } from './arbitrary-plan.ts';
import { createWorld, type Fate, happen, type World } from './world.ts';

/** One random history of one random pipeline. */
export interface Course {
  readonly plan: Plan;
  readonly outcomes: readonly JobOutcome[];
  /** What becomes of triggered pipelines; null when they cannot be created. */
  readonly downstreams: readonly (readonly PipelineStatus[] | null)[];
  /** Decides, number by number and again from the first, which of the answers that are due arrives next. */
  readonly order: readonly number[];
  /** What people do, and messages that make no sense, in between. */
  readonly interruptions: readonly PipelineEvent[];
}

export type Observe = (step: Step, before: PipelineState, event: PipelineEvent) => void;

export const arbitraryCourse: fc.Arbitrary<Course> = fc.record({
  plan: arbitraryPlan(),
  outcomes: fc.array(arbitraryOutcome, { minLength: 1, maxLength: 8 }),
  downstreams: fc.array(
    fc.constantFrom<readonly PipelineStatus[] | null>(
      null,
      ['success'],
      ['running', 'failed'],
      ['pending', 'running', 'manual'],
      ['running', 'manual', 'running', 'success'],
      ['canceling', 'canceled'],
      ['skipped'],
    ),
    { minLength: 1, maxLength: 4 },
  ),
  order: fc.array(fc.nat({ max: 1000 }), { minLength: 1, maxLength: 30 }),
  interruptions: fc.array(arbitraryInterruption(), { maxLength: 8 }),
});

/** Runs the whole course, from the start until no answer is due. Returns the world at rest. */
export function runCourse(course: Course, observe: Observe = () => undefined): World {
  const world = createWorld(course.plan, fateOf(course));
  observed(world, { type: 'pipeline-started' }, observe);
  settle(world, course, course.interruptions, observe);
  return world;
}

/** Lets everything arrive that is due, and what follows from it, with the interruptions spread in between. */
export function settle(
  world: World,
  course: Pick<Course, 'order'>,
  interruptions: readonly PipelineEvent[],
  observe: Observe = () => undefined,
): number {
  const waiting = [...interruptions];
  let count = 0;
  while (world.due.length > 0 || waiting.length > 0) {
    const dice = course.order[count % course.order.length] ?? 0;
    const interruption = world.due.length === 0 || dice % 4 === 0 ? waiting.shift() : undefined;
    const event = interruption ?? takeDue(world, dice);
    observed(world, event, observe);
    // Messages may come twice.
    if (dice % 5 === 0) observed(world, event, observe);
    count += 1;
    if (count > 100_000) throw new Error('The pipeline does not come to rest');
  }
  return count;
}

function observed(world: World, event: PipelineEvent, observe: Observe): void {
  const before = world.state;
  observe(happen(world, event), before, event);
}

/** Answers overtake each other, except that a downstream pipeline's statuses come in their order. */
function takeDue(world: World, dice: number): PipelineEvent {
  const picked = world.due[dice % world.due.length];
  const first =
    picked?.type === 'downstream-changed'
      ? world.due.findIndex((event) => event.type === picked.type && event.job === picked.job)
      : dice % world.due.length;
  const [event] = world.due.splice(first, 1);
  if (event === undefined) throw new Error('Nothing is due');
  return event;
}

function fateOf({ plan, outcomes, downstreams }: Course): Fate {
  const mirrors = new Set(
    plan.jobs.flatMap((job) =>
      job.kind === 'bridge' && job.trigger.strategy === 'mirror' ? [job.name] : [],
    ),
  );
  return {
    outcome: (job, attempt) => pick(outcomes, job, attempt),
    downstream(job, attempt) {
      const statuses = pick(downstreams, job, attempt);
      // Whoever only asks whether a pipeline passed would wait for ever for one that nobody unblocks.
      return statuses?.at(-1) === 'manual' && !mirrors.has(job) ? [...statuses, 'success'] : statuses;
    },
  };
}

function pick<T>(from: readonly T[], job: string, attempt: number): T {
  const chosen = from.at((Number(job.slice(1)) * 7 + attempt) % from.length);
  if (chosen === undefined) throw new Error('Nothing to pick from');
  return chosen;
}

function arbitraryInterruption(): fc.Arbitrary<PipelineEvent> {
  // One more than there are jobs: now and then the job is unknown.
  const job = fc.nat({ max: 12 }).map((index) => `j${index}`);
  const attempt = fc.constantFrom(-1, 0, 99);
  const variables = fc.constant({});
  return fc.oneof(
    fc.record({ type: fc.constantFrom('pipeline-started' as const, 'pipeline-canceled' as const) }),
    { weight: 3, arbitrary: fc.record({ type: fc.constant('job-played' as const), job, variables }) },
    { weight: 3, arbitrary: fc.record({ type: fc.constant('job-retried' as const), job, variables }) },
    { weight: 2, arbitrary: fc.record({ type: fc.constant('job-canceled' as const), job }) },
    fc.record({ type: fc.constant('job-unscheduled' as const), job }),
    fc.record({
      type: fc.constantFrom(
        'job-started' as const,
        'delay-elapsed' as const,
        'resource-granted' as const,
        'downstream-created' as const,
      ),
      job,
      attempt,
    }),
    {
      weight: 2,
      arbitrary: fc.record({
        type: fc.constant('downstream-resumed' as const),
        job,
        attempt: fc.constantFrom(1, 2),
      }),
    },
    fc.record({ type: fc.constant('job-finished' as const), job, attempt, outcome: arbitraryOutcome }),
  );
}
