import { performance } from 'node:perf_hooks';
import type { Plan } from '../src/pipeline/index.ts';
import { pipelineStatus } from '../src/pipeline/index.ts';
import { type JobSketch, job, plan } from '../src/pipeline/test-support/plan-builder.ts';
import { createWorld, runToRest } from '../src/pipeline/test-support/world.ts';

/**
 * What one event costs the state machine: whole pipelines of 10,000 jobs in different shapes, from the plan to the
 * last job's success, with no work in between. Run: node bench/state-machine.ts
 */
const shapes: Readonly<Record<string, () => Plan>> = {
  'chain of 10,000 needs': () =>
    plan({
      only: numbered(10_000, (index) => job(`j${index}`, { needs: index > 0 ? [`j${index - 1}`] : [] })),
    }),
  '10,000 stages of 1 job': () =>
    plan(Object.fromEntries(numbered(10_000, (index) => [`s${index}`, [job(`j${index}`)]]))),
  '100 stages of 100 jobs': () => plan(byStage(() => ({}))),
  '100 stages of 100 jobs, each needing the 100 before': () =>
    plan(
      byStage((stage) => ({ needs: stage > 0 ? numbered(100, (index) => `j${stage - 1}-${index}`) : [] })),
    ),
  'one stage of 10,000 jobs': () => plan({ only: numbered(10_000, (index) => job(`j${index}`)) }),
};

for (const [name, make] of Object.entries(shapes)) {
  const shape = make();
  const begin = performance.now();
  const world = createWorld(shape);
  const created = performance.now();
  const events = runToRest(world);
  const end = performance.now();
  const perSecond = Math.round(events / ((end - created) / 1000));
  process.stdout.write(
    `${name}: ${pipelineStatus(world.state)}, created in ${(created - begin).toFixed(0)} ms, ` +
      `${events} events in ${(end - created).toFixed(0)} ms (${perSecond.toLocaleString('en')} events/s)\n`,
  );
}

function byStage(
  options: (stage: number) => { readonly needs?: readonly string[] },
): Record<string, JobSketch[]> {
  return Object.fromEntries(
    numbered(100, (stage) => [
      `s${stage}`,
      numbered(100, (index) => job(`j${stage}-${index}`, options(stage))),
    ]),
  );
}

function numbered<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}
