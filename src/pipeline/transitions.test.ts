import { describe, expect, it } from 'vitest';
import { advance } from './advance.ts';
import type { PipelineEvent } from './event.ts';
import { toJson } from './json.ts';
import type { Plan } from './plan.ts';
import { createState, jobState, jobStates, type PipelineState } from './state.ts';
import { JOB_STATUSES, type JobStatus } from './status.ts';
import { bridge, type JobSketch, job, plan } from './test-support/plan-builder.ts';
import { type Cause, TRANSITIONS } from './transitions.ts';

/**
 * Walks from small plans to every state that any events can lead to, and compares what it saw with the table: every
 * transition of the table happens, no other does, and what the table does not list is ignored.
 */
const seen = explore([
  ...variants((options) => job('a', { ...options, retry: { max: 1 } })),
  ...variants((options) => bridge('a', { ...options, strategy: null })),
  ...variants((options) => bridge('a', { ...options, strategy: 'depend' })),
  ...variants((options) => bridge('a', { ...options, strategy: 'mirror' })),
  plan({ one: [job('a'), job('b')], two: [job('c', { needs: ['a'] })] }, { onJobFailure: 'all' }),
  plan({ one: [job('a')], two: [job('c', { needs: ['a'] })] }),
]);

const CAUSES: readonly Cause[] = [
  'job-started',
  'job-finished',
  'job-played',
  'job-retried',
  'job-canceled',
  'job-unscheduled',
  'delay-elapsed',
  'resource-granted',
  'downstream-created',
  'downstream-changed',
  'downstream-refused',
  'downstream-resumed',
  'pipeline-canceled',
  'decided',
  'revived',
  'retried-automatically',
];

describe.each(JOB_STATUSES)('a job that is %s', (from) => {
  it.each(CAUSES)('goes, by %s, where the table says', (cause) => {
    const listed = TRANSITIONS[from][cause] ?? [];
    expect([...(seen.get(`${from} ${cause}`) ?? [])].sort()).toEqual([...listed].sort());
  });
});

it('has a table without causes that nothing has a name for', () => {
  const listed = Object.values(TRANSITIONS).flatMap((row) => Object.keys(row));
  expect(CAUSES).toEqual(expect.arrayContaining(listed));
});

type Seen = Map<string, Set<JobStatus>>;

function explore(plans: readonly Plan[]): Seen {
  const seen: Seen = new Map();
  for (const start of plans) {
    const states = new Map([['', createState(start)]]);
    for (const state of states.values()) {
      for (const event of eventsFor(state)) {
        const step = advance(state, event);
        note(seen, state, event, step);
        // A third attempt shows nothing that the second did not.
        const attempts = Array.from(jobStates(step.state), ([, one]) => one.attempt);
        if (Math.max(...attempts) <= 2) states.set(JSON.stringify(toJson(step.state)), step.state);
      }
    }
  }
  return seen;
}

function note(
  seen: Seen,
  before: PipelineState,
  event: PipelineEvent,
  step: ReturnType<typeof advance>,
): void {
  const moved = new Set<string>();
  for (const command of step.commands) {
    if (command.type !== 'job-status-changed') continue;
    const own = 'job' in event && command.job === event.job && !moved.has(command.job);
    add(seen, command.from, own ? event.type : causeOf(command), command.to);
    moved.add(command.job);
  }
  const silently = 'job' in event && step.state !== before && !moved.has(event.job);
  if (silently)
    add(seen, jobState(before, event.job).status, event.type, jobState(step.state, event.job).status);
}

/** What happens to other jobs than the event's own; it is known by where it leads from and to. */
function causeOf({ from, to }: { readonly from: JobStatus; readonly to: JobStatus }): Cause {
  if (to === 'canceled' || to === 'canceling') return 'pipeline-canceled';
  if (from === 'created') return 'decided';
  return from === 'skipped' ? 'revived' : 'retried-automatically';
}

function add(seen: Seen, from: JobStatus, cause: Cause, to: JobStatus): void {
  const key = `${from} ${cause}`;
  seen.set(key, (seen.get(key) ?? new Set()).add(to));
}

function eventsFor(state: PipelineState): PipelineEvent[] {
  const ofJobs = Array.from(jobStates(state), ([name, { attempt }]) => eventsForJob(name, attempt)).flat();
  return [{ type: 'pipeline-started' }, { type: 'pipeline-canceled' }, ...ofJobs];
}

function eventsForJob(job: string, attempt: number): PipelineEvent[] {
  const answer = { job, attempt };
  const failed = { status: 'failed', reason: 'script_failure', exitCode: 1 } as const;
  const outcomes = [failed, { status: 'success' }, { status: 'canceled' }] as const;
  return [
    { type: 'job-started', ...answer },
    ...outcomes.map((outcome) => ({ type: 'job-finished', ...answer, outcome }) as const),
    { type: 'job-played', job, variables: {} },
    { type: 'job-retried', job, variables: null },
    { type: 'job-canceled', job },
    { type: 'job-unscheduled', job },
    { type: 'delay-elapsed', ...answer },
    { type: 'resource-granted', ...answer },
    { type: 'downstream-created', ...answer },
    { type: 'downstream-resumed', ...answer },
    { type: 'downstream-refused', ...answer, reason: 'downstream_pipeline_creation_failed' },
    ...JOB_STATUSES.map((status) => ({ type: 'downstream-changed', ...answer, status }) as const),
  ];
}

function variants(make: (options: Parameters<typeof job>[1] & object) => JobSketch): Plan[] {
  return (['on_success', 'manual', 'delayed'] as const).flatMap((when) =>
    [null, 'prod'].map((resourceGroup) => plan({ one: [make({ when, resourceGroup })] })),
  );
}
