import type { Problem } from '../base/problem.ts';
import type { Language, PipelineContext, PipelineReading, Sources } from '../config/index.ts';
import type { BridgeJob, Job, PipelineChanges } from '../pipeline/index.ts';

/** What differs between two pipelines that one event has. */
export interface PipelineDifference {
  readonly before: SideOutcome;
  readonly after: SideOutcome;
  /** There is a pipeline with the same jobs on both sides, or on neither, and neither is wrong. */
  readonly same: boolean;
  readonly changes: PipelineChanges;
  /** Of the child pipelines that both have, those that differ. */
  readonly children: readonly ChildDifference[];
}

export interface ChildDifference extends PipelineDifference {
  /** The job that starts the child. */
  readonly job: string;
  /** Why there can be none with the later files. */
  readonly error: string | null;
}

export type SideOutcome = PipelineReading['outcome'] | 'no_file';

export type Sides = readonly [base: Sources, head: Sources];

/** That there is no pipeline for this or that reason makes no difference to anybody. */
export function kindOf(outcome: SideOutcome): 'pipeline' | 'error' | 'none' {
  if (outcome === 'created') return 'pipeline';
  return outcome === 'invalid' ? 'error' : 'none';
}

/** Reads the file of both sides for one event and compares what they come to, child pipelines included. */
export async function compareFor(
  context: PipelineContext,
  [baseSources, headSources]: Sides,
  file: string,
): Promise<{
  readonly difference: PipelineDifference;
  readonly base: readonly Problem[];
  readonly head: readonly Problem[];
  /** Of the later file; of the earlier one where there is none. */
  readonly language: Language | null;
}> {
  const [base, head] = await Promise.all([
    readSide(baseSources, file, context),
    readSide(headSources, file, context),
  ]);
  return {
    difference: await compareSides(base, head, MOST_DEPTH),
    base: errorsOf(base),
    head: errorsOf(head),
    language: head.reading?.language ?? base.reading?.language ?? null,
  };
}

/** GitLab's limit on the depth of child pipelines. */
const MOST_DEPTH = 2;

interface ReadSide {
  /** null: there is no such file. */
  readonly reading: PipelineReading | null;
  readonly context: PipelineContext;
  readonly sources: Sources;
}

async function readSide(sources: Sources, file: string, context: PipelineContext): Promise<ReadSide> {
  const { readPipeline } = await import('../config/index.ts');
  const isThere = (await sources.readFile(file)).kind !== 'absent';
  return { reading: isThere ? await readPipeline({ sources, file, context }) : null, context, sources };
}

function errorsOf({ reading }: ReadSide): readonly Problem[] {
  return (reading?.problems ?? []).filter(({ severity }) => severity === 'error');
}

async function compareSides(base: ReadSide, head: ReadSide, depth: number): Promise<PipelineDifference> {
  const { comparePipelines, isSame } = await import('../pipeline/index.ts');
  const changes = comparePipelines(await sheetOf(base), await sheetOf(head));
  const children = depth === 0 ? [] : await compareChildren(base, head, depth - 1);
  const [before, after] = [outcomeOf(base), outcomeOf(head)];
  const same = kindOf(before) === kindOf(after) && isSame(changes) && children.length === 0;
  return { before, after, same, changes, children };
}

async function sheetOf({ reading, context }: ReadSide) {
  const [{ pipelineSheet }, { NO_PIPELINE }] = await Promise.all([
    import('../config/index.ts'),
    import('../pipeline/index.ts'),
  ]);
  return reading === null ? NO_PIPELINE : pipelineSheet(reading, context);
}

function outcomeOf({ reading }: ReadSide): SideOutcome {
  return reading?.outcome ?? 'no_file';
}

/** Those of jobs that are there before and after: of a new one, and of one that is gone, the job itself is told. */
async function compareChildren(
  base: ReadSide,
  head: ReadSide,
  depth: number,
): Promise<readonly ChildDifference[]> {
  const [readBefore, readAfter] = [childReader(base), childReader(head)];
  const later = new Map(head.reading?.plan?.jobs.map((job) => [job.name, job]));
  const children: ChildDifference[] = [];
  for (const job of base.reading?.plan?.jobs ?? []) {
    const now = later.get(job.name);
    if (now === undefined || !isBridge(job) || !isBridge(now)) continue;
    const [before, after] = [await readBefore(job), await readAfter(now)];
    if (before === null || after === null) continue;
    const difference = await compareSides(before, after, depth);
    if (difference.same) continue;
    const error = errorsOf(after)[0]?.message ?? null;
    children.push({ job: job.name, ...difference, error });
  }
  return children;
}

function isBridge(job: Job): job is BridgeJob {
  return job.kind === 'bridge';
}

/** Reads children, one for all jobs of a matrix that start the same. */
function childReader({ reading, context, sources }: ReadSide): (job: BridgeJob) => Promise<ReadSide | null> {
  const known = new Map<string, Promise<ReadSide | null>>();
  return async (job) => {
    const plan = reading?.plan ?? null;
    if (plan === null) return null;
    const given = JSON.stringify([job.trigger, job.variables]);
    // What is expanded may hold the job's own name.
    const key = given.includes('$') ? `${job.name}\0${given}` : given;
    const { readPlannedChild } = await import('../local/index.ts');
    const child = known.get(key) ?? readPlannedChild({ plan, context, sources }, job);
    known.set(key, child);
    return child;
  };
}
