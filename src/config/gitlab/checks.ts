import { closestTo } from '../../base/closest.ts';
import type { Problem } from '../../base/problem.ts';
import type { Need } from '../../pipeline/index.ts';
import { problemAt, type Span } from '../document/index.ts';
import { findCycle } from './cycles.ts';
import type { JobIndex } from './job-index.ts';
import { expandNames, expandNeeds } from './needs.ts';
import type { JobInstance } from './parallel.ts';
import type { ParsedConfig, ParsedJob, ParsedNeed, ParsedRule } from './parsed.ts';

/**
 * What must hold whatever the pipeline is for: stages exist, needs and dependencies name jobs of the same or earlier
 * stages and go in no circle, `on_stop` names a job that stops the same environment. Every fault of every job is
 * reported, once for all instances of a parallel job.
 */
export function checkJobs(config: ParsedConfig, index: JobIndex): readonly Problem[] {
  const problems: Problem[] = [];
  const reported = new Set<string>();
  const graph = new Map<string, readonly string[]>();

  function report(
    span: Span,
    code: string,
    message: string,
    hint: string | null = null,
    misspelt: Misspelt | null = null,
  ): void {
    const key = `${span.file.name}\0${span.start}\0${code}\0${message}`;
    if (reported.has(key)) return;
    reported.add(key);
    const near = misspelt !== null && problems.length < MAX_SUGGESTIONS ? suggestionFor(misspelt) : null;
    problems.push(problemAt(span, { code, message, hint: hint ?? near }));
  }

  for (const instance of index.byName.values()) {
    checkStage(instance, index, report);
    checkDependencies(instance, index, report);
    graph.set(instance.name, checkNeeds(instance, index, report));
    checkOnStop(instance, index, report);
  }
  const cycle = findCycle(graph);
  if (cycle !== null) reportCycle(cycle, index, report);
  if (config.workflow.rules === null) warnAboutOpenRules(config.jobs, problems);
  return problems;
}

export type Report = (
  span: Span,
  code: string,
  message: string,
  hint?: string | null,
  misspelt?: Misspelt | null,
) => void;

/** A name that is not known, and those that are. */
interface Misspelt {
  readonly name: string;
  readonly known: Iterable<string>;
}

/** A suggestion looks at every name; thousands of them would be worse than none. */
const MAX_SUGGESTIONS = 5;

function suggestionFor({ name, known }: Misspelt): string | null {
  const near = closestTo(name, known);
  return near === null ? null : `Did you mean \`${near}\`?`;
}

function checkStage({ job }: JobInstance, index: JobIndex, report: Report): void {
  if (index.stagePositions.has(job.stage)) return;
  const available = index.stages.join(', ');
  report(
    job.stageSpan ?? job.nameSpan,
    'unknown-stage',
    `${job.name} job: chosen stage ${job.stage} does not exist; available stages are ${available}`,
    null,
    { name: job.stage, known: index.stages },
  );
}

function checkDependencies(instance: JobInstance, index: JobIndex, report: Report): void {
  const { job } = instance;
  const span = job.dependenciesSpan ?? job.nameSpan;
  const dependencies = expandNames(job.dependencies ?? [], index);
  for (const name of dependencies) checkTarget(job, 'dependency', name, false, () => span, index, report);
  checkDependenciesAreNeeds(job, span, report);

  if (job.trigger?.target.kind !== 'child') return;
  for (const include of job.trigger.target.includes) {
    if (include.kind !== 'artifact') continue;
    checkTarget(job, 'dependency', include.job, false, () => job.nameSpan, index, report);
  }
}

/** A job with needs fetches artifacts from needed jobs only. */
function checkDependenciesAreNeeds(job: ParsedJob, span: Span, report: Report): void {
  if (job.needs === null || job.needs.length === 0) return;
  if (job.dependencies === null || job.dependencies.length === 0) return;
  const needed = new Set(job.needs.flatMap((need) => (need.kind === 'job' ? need.job : [])));
  if (needed.size === 0) {
    const message = `jobs:${job.name} needs corresponding to dependencies must be from the same pipeline`;
    report(span, 'dependency-not-needed', message);
    return;
  }
  const missing = job.dependencies.filter((name) => !needed.has(name));
  if (missing.length === 0) return;
  const message = `jobs:${job.name} dependencies the ${missing.join(', ')} should be part of needs`;
  report(span, 'dependency-not-needed', message);
}

/** Checks the job's needs and those of its rules; returns the names of the former. */
function checkNeeds(instance: JobInstance, index: JobIndex, report: Report): readonly string[] {
  const { job } = instance;
  const span = job.needsSpan ?? job.nameSpan;
  for (const rule of job.rules ?? []) {
    if (rule.needs !== null) checkNeedsList(rule.needs, rule.span, instance, index, report);
  }
  return job.needs === null ? [] : checkNeedsList(job.needs, span, instance, index, report);
}

function checkNeedsList(
  written: readonly ParsedNeed[],
  span: Span,
  instance: JobInstance,
  index: JobIndex,
  report: Report,
): readonly string[] {
  const { job } = instance;
  const { needs, unknownMatrixVariables } = expandNeeds(written, instance, index);
  for (const name of unknownMatrixVariables) {
    const message = `${job.name} job: '${name}' does not exist in matrix configuration`;
    report(span, 'unknown-matrix-variable', message, 'It is the matrix of the job that has the need.');
  }
  if (unknownMatrixVariables.length > 0) return [];

  for (const need of needs) {
    checkTarget(job, 'need', need.job, need.optional, () => spanOf(need, written, span), index, report);
  }
  const repeated = repeatedNames(needs);
  if (repeated.length > 0) {
    const message = `${instance.name} has the following needs duplicated: ${repeated.join(', ')}.`;
    report(span, 'duplicate-need', message);
  }
  return needs.map((need) => need.job);
}

function spanOf(need: Need, written: readonly ParsedNeed[], fallback: Span): Span {
  const same = written.find((candidate) => candidate.kind === 'job' && candidate.job === need.job);
  return same?.span ?? fallback;
}

function repeatedNames(needs: readonly Need[]): readonly string[] {
  const seen = new Set<string>();
  const repeated = new Set<string>();
  for (const { job } of needs) (seen.has(job) ? repeated : seen).add(job);
  return [...repeated];
}

function checkTarget(
  job: ParsedJob,
  kind: 'need' | 'dependency',
  name: string,
  optional: boolean,
  span: () => Span,
  index: JobIndex,
  report: Report,
): void {
  const target = index.byName.get(name);
  if (target === undefined) {
    if (optional) return;
    const code = kind === 'need' ? 'undefined-need' : 'undefined-dependency';
    const message = `${job.name} job: undefined ${kind}: ${name}`;
    report(span(), code, message, null, { name, known: namesIn(index) });
    return;
  }
  const own = index.stagePositions.get(job.stage);
  const other = index.stagePositions.get(target.job.stage);
  if (own === undefined || (other !== undefined && other <= own)) return;
  const message = `${job.name} job: ${kind} ${name} is not defined in current or prior stages`;
  report(span(), kind === 'need' ? 'need-in-later-stage' : 'dependency-in-later-stage', message);
}

function* namesIn({ byName, instancesOf }: JobIndex): Generator<string> {
  yield* byName.keys();
  yield* instancesOf.keys();
}

/** The two jobs' environments are compared as written, before any variable is put in. */
function checkOnStop({ job }: JobInstance, index: JobIndex, report: Report): void {
  const onStop = job.environment?.onStop;
  if (onStop === undefined || onStop === null) return;
  const fault = onStopFault(onStop, job, index);
  if (fault === null) return;
  const span = job.environmentSpan ?? job.nameSpan;
  report(span, 'invalid-on-stop', `${job.name} job: on_stop job ${onStop} ${fault}`);
}

function onStopFault(onStop: string, job: ParsedJob, index: JobIndex): string | null {
  const target = index.byName.get(onStop)?.job;
  if (target === undefined) return 'is not defined';
  if (target.environment === null) return 'does not have environment defined';
  if (target.environment.name !== job.environment?.name) return 'have different environment name';
  if (target.environment.action !== 'stop') return 'needs to have action stop defined';
  return null;
}

/** Reports a circle of needs at its first job, with the way round as the hint. */
export function reportCycle(cycle: readonly string[], index: JobIndex, report: Report): void {
  const [first] = cycle;
  if (first === undefined) return;
  const job = index.byName.get(first)?.job;
  const span = job?.needsSpan ?? job?.nameSpan;
  if (span === undefined) return;
  const what =
    cycle.length === 1
      ? `self-dependency: ${first}`
      : `topological sort failed: [${cycle.map((name) => JSON.stringify(name)).join(', ')}]`;
  const way = [...cycle, first].join(' needs ');
  report(
    span,
    'circular-needs',
    `The pipeline has circular dependencies: ${what}`,
    `${way}: remove one of these needs.`,
  );
}

/** A last rule that is only `when:` also matches in merge requests, beside the branch's own pipeline. */
function warnAboutOpenRules(jobs: readonly ParsedJob[], problems: Problem[]): void {
  for (const job of jobs) {
    const last = job.rules?.at(-1);
    if (last === undefined || !isOnlyWhen(last)) continue;
    problems.push(
      problemAt(last.span, {
        code: 'rules-without-workflow',
        severity: 'warning',
        message: `jobs:${job.name} may allow multiple pipelines to run for a single action due to \`rules:when\` clause with no \`workflow:rules\``,
        hint: 'Add `workflow:rules` that name the pipelines you want, or give the last rule an `if`.',
      }),
    );
  }
}

function isOnlyWhen(rule: ParsedRule): boolean {
  return (
    rule.when !== null &&
    rule.when !== 'never' &&
    rule.if === null &&
    rule.changes === null &&
    rule.exists === null &&
    rule.startInSeconds === null &&
    rule.allowFailure === null &&
    rule.variables.size === 0 &&
    rule.needs === null &&
    rule.interruptible === null
  );
}
