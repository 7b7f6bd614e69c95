import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { advance } from './advance.ts';
import type { Step } from './draft.ts';
import type { PipelineEvent } from './event.ts';
import { fromJson, toJson } from './json.ts';
import type { JobWhen, Plan } from './plan.ts';
import { isIdle, jobState, jobStates, type PipelineState, pipelineStatus } from './state.ts';
import { isCompleted, type JobStatus } from './status.ts';
import { arbitraryCourse, type Course, runCourse, settle } from './test-support/course.ts';
import { expectSound, naiveJobs, naivePrevious } from './test-support/naive-model.ts';

/**
 * What is true whatever the plan and whatever happens: answers in any order, some of them twice, people who click, and
 * messages that make no sense.
 */
describe('a pipeline', () => {
  it('has the statuses that the plain rules give, starts nothing too soon, and leaves nothing undecided', () => {
    check((course) => {
      runCourse(course, (step) => {
        expectSound(course.plan, step.state);
        expectReasons(course.plan, step);
      });
    });
  });

  it('tells every change, and nothing else', () => {
    check((course) => {
      runCourse(course, (step, before) => expectToldChanges(before, step));
    });
  });

  it('comes to rest in a bounded number of events, and rests for a reason', () => {
    check((course) => {
      let events = 0;
      const { state } = runCourse(course, () => {
        events += 1;
      });
      const jobs = course.plan.jobs.length;
      // An attempt takes a dozen events at most, each of them perhaps twice. There are three attempts of a job, and
      // every interruption may add one.
      expect(events).toBeLessThan(24 * jobs * (3 + course.interruptions.length) + 24);
      const rested =
        isCompleted(pipelineStatus(state)) || (isIdle(state) && pipelineStatus(state) === 'manual');
      if (!rested) expect(stuckBehindBlockedBridge(course.plan, state)).toBe(true);
    });
  });

  it('has no active job once it is finished', () => {
    check((course) => {
      runCourse(course, ({ state }) => {
        if (!isCompleted(pipelineStatus(state))) return;
        for (const [name, { status, allowedToFail }] of jobStates(state)) {
          const over = isCompleted(status) || (status === 'manual' && allowedToFail);
          if (!over) expect.fail(`${name} is ${status} in a pipeline that is ${pipelineStatus(state)}`);
        }
      });
    });
  });

  it('hands out each attempt of a job once, and attempts only grow', () => {
    check((course) => {
      const attempts = new Map<string, number>();
      runCourse(course, ({ commands }) => {
        for (const command of commands) {
          if (command.type !== 'run-job' && command.type !== 'trigger-downstream') continue;
          expect(command.attempt).toBeGreaterThan(attempts.get(command.job) ?? 0);
          attempts.set(command.job, command.attempt);
        }
      });
    });
  });

  it('has one holder of a resource at a time, and gives every resource back', () => {
    check((course) => {
      const { state, resources } = runCourse(course, (step) => {
        const groups = course.plan.jobs
          .filter((job) => holdsResource(step.state, job.name))
          .map((job) => job.resourceGroup)
          .filter((group) => group !== null);
        expect(new Set(groups).size).toBe(groups.length);
      });
      for (const [holder, ...waiting] of resources.values()) {
        if (holder === undefined) continue;
        expect(holdsResource(state, holder.job)).toBe(true);
        for (const { job } of waiting) expect(jobState(state, job).status).toBe('waiting_for_resource');
      }
    });
  });

  it('ends after a cancel, whatever had happened before', () => {
    check((course) => {
      const world = runCourse(course);
      world.due.push({ type: 'pipeline-canceled' });
      settle(world, course, []);
      expect(isCompleted(pipelineStatus(world.state))).toBe(true);
      expect(naiveJobs(course.plan, world.state).filter(({ status }) => !isCompleted(status))).toEqual([]);
    });
  });

  it('gives the same for the same, leaves what it was given alone, and survives JSON at any moment', () => {
    check((course) => {
      runCourse(course, (step, before, event) => {
        const written: unknown = JSON.parse(JSON.stringify(toJson(before)));
        const restored = fromJson(course.plan, written);
        expect(restored).toEqual(before);
        const again = advance(restored, event);
        expect(again).toEqual(step);
        expect(toJson(before)).toEqual(written);
      });
    });
  });

  it('is not moved by answers that it has had', () => {
    check((course) => {
      const answers: PipelineEvent[] = [];
      const { state } = runCourse({ ...course, interruptions: [] }, (_step, _before, event) => {
        // Except that a mirrored pipeline may truly go back to what it was.
        if ('attempt' in event && event.type !== 'downstream-changed') answers.push(event);
      });
      for (const answer of answers) expect(advance(state, answer)).toStrictEqual({ state, commands: [] });
    });
  });
});

function check(law: (course: Course) => void): void {
  fc.assert(fc.property(arbitraryCourse, law), { numRuns: 150 });
}

function holdsResource(state: PipelineState, name: string): boolean {
  const { status, hasDownstream } = jobState(state, name);
  return ['pending', 'running', 'canceling'].includes(status) || (status === 'manual' && hasDownstream);
}

/** A bridge keeps its resource while the pipeline that it mirrors is blocked, so that others may have to wait for it. */
function stuckBehindBlockedBridge(plan: Plan, state: PipelineState): boolean {
  const groupsOf = (wanted: (name: string) => boolean) =>
    new Set(plan.jobs.filter((job) => wanted(job.name)).map((job) => job.resourceGroup));
  const blocked = groupsOf((name) => jobState(state, name).status === 'manual' && holdsResource(state, name));
  const waiting = groupsOf((name) => !isAtRest(jobState(state, name).status));
  return waiting.size > 0 && [...waiting].every((group) => blocked.has(group));
}

function isAtRest(status: JobStatus): boolean {
  return isCompleted(status) || status === 'manual' || status === 'created';
}

/** Every job that left `created` had what it waits for settled, in a way that allows what it became. */
function expectReasons(plan: Plan, { state, commands }: Step): void {
  const jobs = naiveJobs(plan, state);
  for (const command of commands) {
    if (command.type !== 'job-status-changed' || command.from !== 'created' || command.to === 'canceled')
      continue;
    const job = plan.jobs.find((one) => one.name === command.job);
    if (job === undefined) throw new Error(`${command.job} is not in the plan`);
    const previous = naivePrevious(plan, jobs, job);
    const runs = previous !== null && mayRunAfter(job.when, previous, job.needs !== null);
    expect([job.name, previous === null, command.to === 'skipped']).toEqual([job.name, false, !runs]);
  }
}

function mayRunAfter(when: JobWhen, previous: JobStatus, byNeeds: boolean): boolean {
  if (when === 'on_failure') return previous === 'failed';
  if (when === 'always') return previous !== 'canceled';
  return previous === 'success' || (previous === 'skipped' && !byNeeds);
}

function expectToldChanges(before: PipelineState, { state, commands }: Step): void {
  const told = new Map(
    Array.from(jobStates(before), ([name, { status, attempt }]) => [name, { status, attempt }]),
  );
  let pipeline = pipelineStatus(before);
  for (const command of commands) {
    if (command.type === 'job-status-changed') {
      expect(told.get(command.job)?.status).toBe(command.from);
      told.set(command.job, { status: command.to, attempt: command.attempt });
    } else if (command.type === 'pipeline-status-changed') {
      expect(command.from).toBe(pipeline);
      expect(command.to).not.toBe(command.from);
      pipeline = command.to;
    }
  }
  expect(pipeline).toBe(pipelineStatus(state));
  for (const [name, { status, attempt }] of jobStates(state))
    expect(told.get(name)).toEqual({ status, attempt });
}
