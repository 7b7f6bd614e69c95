import type { Problem } from '../../base/problem.ts';
import { problemAt } from '../document/index.ts';
import { expandParallel, type JobInstance, MAX_PARALLEL, parallelSize } from './parallel.ts';
import type { ParsedConfig } from './parsed.ts';

/** All jobs of a file after `parallel`, found by name, so that no check ever walks the list. */
export interface JobIndex {
  /** In the order of the file. Names are unique; of two jobs with one name the later stands at the earlier's place. */
  readonly byName: ReadonlyMap<string, JobInstance>;
  /** The names a parallel job became, by the name it was written under. */
  readonly instancesOf: ReadonlyMap<string, readonly string[]>;
  /** The first position of each stage. */
  readonly stagePositions: ReadonlyMap<string, number>;
  /** In their order, each once. */
  readonly stages: readonly string[];
}

/** Expands `parallel` and indexes the outcome. A job that would be too many is reported and counts as one. */
export function indexJobs(config: ParsedConfig): {
  readonly index: JobIndex;
  readonly problems: readonly Problem[];
} {
  const problems: Problem[] = [];
  const byName = new Map<string, JobInstance>();
  const instancesOf = new Map<string, readonly string[]>();
  for (const job of config.jobs) {
    const tooMany = job.parallel !== null && parallelSize(job.parallel) > MAX_PARALLEL;
    if (tooMany) {
      problems.push(
        problemAt(job.nameSpan, {
          code: 'parallel-too-many',
          message: `jobs:${job.name}:parallel config generates too many jobs (maximum is ${MAX_PARALLEL})`,
        }),
      );
    }
    if (job.parallel !== null && parallelSize(job.parallel) === 0) {
      problems.push(
        problemAt(job.nameSpan, {
          code: 'parallel-none',
          severity: 'warning',
          message: `jobs:${job.name}:parallel:matrix config has no combination, so there is never such a job`,
        }),
      );
    }
    const instances = expandParallel(tooMany ? { ...job, parallel: null } : job);
    for (const instance of instances) byName.set(instance.name, instance);
    if (job.parallel !== null) {
      instancesOf.set(
        job.name,
        instances.map((instance) => instance.name),
      );
    }
  }
  const stages = [...new Set(config.stages)];
  const stagePositions = new Map(stages.map((stage, position) => [stage, position] as const));
  return { index: { byName, instancesOf, stagePositions, stages }, problems };
}
