import type { Job, Plan } from './plan.ts';

/**
 * What never changes while a pipeline runs: who waits for whom. Made once from the plan; every state of the pipeline
 * shares it. A job's index is its place in the plan.
 */
export interface Graph {
  readonly plan: Plan;
  readonly nodes: readonly GraphNode[];
  readonly indexes: ReadonlyMap<string, number>;
  readonly stages: readonly StageRange[];
  /** Indexes of the bridges whose child goes its own way: no job answers for it. */
  readonly detached: readonly number[];
}

export interface GraphNode {
  readonly index: number;
  readonly job: Job;
  readonly stage: StageRange;
  /** Indexes of the jobs this one waits for; null when it waits for all earlier stages. */
  readonly needs: readonly number[] | null;
  /** Indexes of the jobs that name this one in `needs`, ascending. */
  readonly dependents: readonly number[];
}

/** The jobs of a stage: those at `from` up to, not including, `to`. */
export interface StageRange {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/**
 * An optional need of a job that is not in the plan is left out. Throws an Error when the plan breaks its own rules
 * (jobs out of stage order, an unknown need, needs in a circle): such a pipeline would wait for itself for ever.
 */
export function graphOf(plan: Plan): Graph {
  const indexes = new Map(plan.jobs.map((job, index) => [job.name, index]));
  if (indexes.size < plan.jobs.length) throw new Error('A plan has two jobs of one name');
  const stages = stageRanges(plan);
  const stageByName = new Map(stages.map((stage) => [stage.name, stage]));
  const dependents: number[][] = plan.jobs.map(() => []);
  const nodes = plan.jobs.map((job, index): GraphNode => {
    const stage = stageByName.get(job.stage);
    if (stage === undefined || index < stage.from || index >= stage.to) {
      throw new Error(`Job ${job.name} stands outside its stage ${job.stage}`);
    }
    const needs = needsOf(job, indexes);
    for (const need of needs ?? []) dependents[need]?.push(index);
    return { index, job, stage, needs, dependents: dependents[index] ?? [] };
  });
  refuseCircles(nodes);
  const detached = nodes.flatMap(({ index, job }) => (isDetached(job) ? [index] : []));
  return { plan, nodes, indexes, stages, detached };
}

function isDetached(job: Job): boolean {
  return job.kind === 'bridge' && job.trigger.target.kind === 'child' && job.trigger.strategy === null;
}

function stageRanges(plan: Plan): StageRange[] {
  let from = 0;
  return plan.stages.map((name) => {
    let to = from;
    while (plan.jobs[to]?.stage === name) to += 1;
    const range = { name, from, to };
    from = to;
    return range;
  });
}

function needsOf(job: Job, indexes: ReadonlyMap<string, number>): number[] | null {
  if (job.needs === null) return null;
  const needs = new Set<number>();
  for (const need of job.needs) {
    const index = indexes.get(need.job);
    if (index !== undefined) needs.add(index);
    else if (!need.optional) throw new Error(`Job ${job.name} needs ${need.job}, which is not in the plan`);
  }
  return [...needs];
}

/** Takes away jobs that wait for nobody, and whom that sets free, until none is left; the rest would be a circle. */
function refuseCircles(nodes: readonly GraphNode[]): void {
  const waiting = nodes.map((node) => node.needs?.length ?? 0);
  const free = nodes.filter((node) => waiting[node.index] === 0).map((node) => node.index);
  for (const index of free) {
    for (const dependent of nodes[index]?.dependents ?? []) {
      const left = (waiting[dependent] ?? 0) - 1;
      waiting[dependent] = left;
      if (left === 0) free.push(dependent);
    }
  }
  if (free.length === nodes.length) return;
  const stuck = nodes.find((node) => (waiting[node.index] ?? 0) > 0);
  throw new Error(`Job ${stuck?.job.name} needs itself, by way of others`);
}
