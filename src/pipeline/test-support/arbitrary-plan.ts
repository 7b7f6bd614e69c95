import fc from 'fast-check';
import type { JobOutcome } from '../event.ts';
import type { Plan } from '../plan.ts';
import { bridge, type JobOptions, type JobSketch, job, plan } from './plan-builder.ts';

const STAGES = ['.pre', 'build', 'test', '.post'];

/** Plans of up to a dozen jobs in which every feature that the state machine knows is likely to meet every other. */
export function arbitraryPlan(): fc.Arbitrary<Plan> {
  return fc
    .record({
      jobs: fc.array(arbitrarySketch, { minLength: 1, maxLength: 12 }),
      /** Lists the jobs of a stage backwards, so that needs within it point to later ones. */
      backwards: fc.boolean(),
      onJobFailure: fc.oneof({ weight: 3, arbitrary: fc.constant('none') }, fc.constant('all')),
    })
    .map(({ jobs, backwards, onJobFailure }) => {
      const ordered = jobs.toSorted((one, other) => one.stage - other.stage);
      const stages = new Map<string, JobSketch[]>();
      for (const [index, sketch] of ordered.entries()) {
        const stage = STAGES[sketch.stage] ?? '.post';
        const one = placed(sketch, index, ordered.length);
        const others = stages.get(stage) ?? [];
        stages.set(stage, backwards ? [one, ...others] : [...others, one]);
      }
      return plan(Object.fromEntries(stages), { onJobFailure });
    });
}

/** Mostly exit code 1; now and then what `retry` and `allow_failure` look for. */
export const arbitraryOutcome: fc.Arbitrary<JobOutcome> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ status: 'success' } as const) },
  {
    weight: 3,
    arbitrary: fc.record({
      status: fc.constant('failed' as const),
      reason: fc.constantFrom('script_failure', 'runner_system_failure', 'missing_dependency_failure'),
      exitCode: fc.constantFrom(1, 3, null),
    }),
  },
  fc.constant({ status: 'canceled' } as const),
);

const arbitrarySketch = fc.record({
  stage: fc.nat({ max: STAGES.length - 1 }),
  kind: fc.constantFrom('build', 'build', 'build', 'bridge'),
  strategy: fc.constantFrom(null, 'depend', 'mirror'),
  when: fc.constantFrom('on_success', 'on_success', 'on_failure', 'always', 'manual', 'delayed'),
  allowFailure: fc.boolean(),
  allowFailureExitCodes: fc.constantFrom([], [], [3]),
  resourceGroup: fc.constantFrom(null, null, 'prod', 'test'),
  retry: fc.constantFrom(
    undefined,
    { max: 2 },
    { max: 1, when: ['runner_system_failure'] },
    { exitCodes: [3] },
  ),
  /** How many jobs back; an absent job's need is optional. */
  needs: fc.option(fc.uniqueArray(fc.integer({ min: 0, max: 5 }), { maxLength: 4 }), { nil: null }),
  parallel: fc.boolean(),
});

type Sketch = typeof arbitrarySketch extends fc.Arbitrary<infer T> ? T : never;

function placed(sketch: Sketch, index: number, count: number): JobSketch {
  const { kind, strategy, retry, needs, parallel, stage: _stage, ...options } = sketch;
  const common: JobOptions = {
    ...options,
    parallel: parallel ? { index: index + 1, total: count } : null,
    needs: needs?.map((back) => ({ job: `j${index - 1 - back}`, optional: back > index - 1 })) ?? null,
  };
  const name = `j${index}`;
  if (kind === 'bridge') return bridge(name, { ...common, strategy });
  return job(name, retry === undefined ? common : { ...common, retry });
}
