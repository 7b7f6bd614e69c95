import type { Problem } from '../../base/problem.ts';
import { hasErrors } from '../../base/problem.ts';
import type { Job, Need, Plan } from '../../pipeline/index.ts';
import type { PipelineContext } from '../context.ts';
import { placeOf, problemAt, type Span } from '../document/index.ts';
import type { PipelineReading } from '../reading.ts';
import type { Sources } from '../sources.ts';
import { checkJobs, reportCycle } from './checks.ts';
import { findCycle } from './cycles.ts';
import { indexJobs, type JobIndex } from './job-index.ts';
import { checkOutsideNeeds } from './outside-needs.ts';
import { checkOutsideTriggers } from './outside-triggers.ts';
import type { ParsedConfig } from './parsed.ts';
import { createPathQuestions } from './path-questions.ts';
import type { RuleScope } from './rules.ts';
import { createSeeding, planForm, type SeededIn, type Seeding, seedJob } from './seed.ts';
import { createVariableCount } from './variable-count.ts';
import { mergeVariables, sharedVariables, variableScope } from './variables.ts';
import { judgeWorkflow, pipelineName, type WorkflowOutcome } from './workflow.ts';

export interface ReadingDetails {
  readonly seeding: Seeding;
  /** Of workflow:rules, as far as they were asked. */
  readonly workflow: WorkflowOutcome;
  /** By name; empty when no job was decided about. */
  readonly jobs: ReadonlyMap<string, SeededIn>;
}

export interface PipelineRequest {
  readonly config: ParsedConfig;
  readonly context: PipelineContext;
  readonly sources: Sources;
}

/** Decides about a checked file: which jobs are in the pipeline, and what each of them is. */
export async function createPipeline(request: PipelineRequest): Promise<PipelineReading> {
  const { config, context, sources } = request;
  if (asksToSkip(context)) return reading('skipped', null, [], null);

  const { index, problems: indexProblems } = indexJobs(config);
  const problems: Problem[] = [
    ...indexProblems,
    ...checkJobs(config, index),
    ...checkOutsideNeeds(config),
    ...checkOutsideTriggers(config),
  ];
  // Found wrong so far: the file, whatever the pipeline is for.
  const ofFile = problems.length;
  const paths = createPathQuestions(context.changedFiles, sources);

  const workflowScope = pipelineScope(request, config.variables, paths);
  const workflow = await judgeWorkflow(config.workflow, workflowScope);
  const rootVariables =
    workflow.kind === 'run' ? mergeVariables(config.variables, workflow.variables) : config.variables;
  const name = pipelineName(config.workflow, pipelineScope(request, rootVariables, paths));
  const shared = sharedVariables(context, name);
  const seeding = createSeeding({ config, context, index, shared, rootVariables, paths });

  const undecided: ReadingDetails = { seeding, workflow, jobs: new Map() };

  if (workflow.kind === 'fault') problems.push(...workflowFault(config, workflow.message));
  if (hasErrors(problems)) return reading('invalid', null, problems, undecided, ofFile);
  if (workflow.kind !== 'run') return reading('filtered_by_workflow', null, problems, undecided, ofFile);

  const seeded = await seedJobs(seeding, problems);
  const details = { ...undecided, jobs: seeded };
  const jobs = byStage(presentNeedsOnly(seeded, index, problems), index);
  checkFinalNeeds(seeded, jobs, index, problems);
  if (hasErrors(problems)) return reading('invalid', null, problems, details, ofFile);

  const stages = [...new Set(jobs.map((job) => job.stage))];
  if (stages.every(isEdge)) return reading('empty', null, problems, details, ofFile);
  const { autoCancel } = workflow;
  const plan: Plan = { version: 1, name, stages, jobs, variables: planForm(rootVariables), autoCancel };
  return reading('created', plan, problems, details, ofFile);
}

/** The wish in a commit message to run nothing; some sources do not hear it. */
export function asksToSkip(context: PipelineContext): boolean {
  return !context.ignoreSkipCi && /\[(?:ci[ _-]skip|skip[ _-]ci)\]/i.test(context.commit.message);
}

/** `ofFile`: how many of the problems, which come first, are those of the file itself. */
export function reading(
  outcome: PipelineReading['outcome'],
  plan: Plan | null,
  problems: readonly Problem[],
  details: ReadingDetails | null,
  ofFile = problems.length,
): PipelineReading {
  return {
    language: 'gitlab',
    outcome,
    plan,
    problems,
    eventProblems: problems.slice(ofFile),
    files: null,
    details,
    filledIn: null,
    placeOf(jobName, keyword) {
      const job = details?.seeding.index.byName.get(jobName)?.job;
      return job === undefined ? null : placeOf(job.source.entries.get(keyword)?.key.span ?? job.nameSpan);
    },
    async explain(jobName) {
      if (details === null) return null;
      const { explainJob } = await import('./explain.ts');
      return explainJob(jobName, details);
    },
  };
}

/** What `workflow:rules` see: no variables of jobs. */
export function pipelineScope(
  { context }: Pick<PipelineRequest, 'context'>,
  rootVariables: ParsedConfig['variables'] | Seeding['rootVariables'],
  paths: Seeding['paths'],
): RuleScope {
  const scope = variableScope(sharedVariables(context, null), rootVariables, () => new Map());
  return { ...scope, paths, projectPath: context.project.path };
}

function workflowFault(config: ParsedConfig, message: string): readonly Problem[] {
  const span = config.workflow.rules?.[0]?.span;
  if (span === undefined) return [];
  return [problemAt(span, { code: 'rule-fault', message: `Failed to parse rule for workflow: ${message}` })];
}

/** Decides about every job; what is wrong is added to the problems. */
async function seedJobs(seeding: Seeding, problems: Problem[]): Promise<ReadonlyMap<string, SeededIn>> {
  const seeded = new Map<string, SeededIn>();
  const tooManyVariables = createVariableCount();
  for (const instance of seeding.index.byName.values()) {
    const outcome = await seedJob(instance, seeding);
    if (outcome.kind === 'in') {
      seeded.set(instance.name, outcome);
      const tooMany = tooManyVariables(instance, outcome.job.variables);
      if (tooMany === null) continue;
      problems.push(tooMany);
      break;
    }
    if (outcome.kind === 'fault') {
      problems.push(problemAt(instance.job.nameSpan, { code: outcome.code, message: outcome.message }));
    }
  }
  return seeded;
}

/**
 * A need of a job that its rules took out of the pipeline is an error, unless it is optional: then it is dropped. So is
 * one that a rule gave, with a warning: GitLab does not look at those.
 */
function presentNeedsOnly(
  seeded: ReadonlyMap<string, SeededIn>,
  index: JobIndex,
  problems: Problem[],
): readonly Job[] {
  const jobs: Job[] = [];
  const isAbsent = (need: Need): boolean => !need.optional && !seeded.has(need.job);
  for (const { job, ownNeeds, rule } of seeded.values()) {
    for (const need of ownNeeds) if (isAbsent(need)) problems.push(...absentNeed(job.name, need.job, index));
    if (job.needs === null || job.needs.every((need) => seeded.has(need.job))) {
      jobs.push(job);
      continue;
    }
    const given = rule?.needs ? job.needs.filter(isAbsent) : [];
    for (const need of given) problems.push(...droppedNeed(job.name, need.job, rule?.span ?? null));
    jobs.push({ ...job, needs: job.needs.filter((need) => seeded.has(need.job)) });
  }
  return jobs;
}

function droppedNeed(job: string, need: string, span: Span | null): readonly Problem[] {
  if (span === null) return [];
  const message = `'${job}' job needs '${need}' job by its rule, but '${need}' does not exist in the pipeline: the need is dropped`;
  const hint = `\`slipway explain ${JSON.stringify(need)}\` shows why it is not there.`;
  return [problemAt(span, { code: 'needed-job-absent', severity: 'warning', message, hint })];
}

function absentNeed(job: string, need: string, index: JobIndex): readonly Problem[] {
  const parsed = index.byName.get(job)?.job;
  const span = parsed?.needsSpan ?? parsed?.nameSpan;
  if (span === undefined) return [];
  const message =
    `'${job}' job needs '${need}' job, but '${need}' does not exist in the pipeline. ` +
    'This might be because of the only, except, or rules keywords. ' +
    'To need a job that sometimes does not exist in the pipeline, use needs:optional.';
  const hint = `\`slipway explain ${JSON.stringify(need)}\` shows why it is not there.`;
  return [problemAt(span, { code: 'needed-job-absent', message, hint })];
}

/** Needs that rules gave were not there when the file itself was checked for circles. */
function checkFinalNeeds(
  seeded: ReadonlyMap<string, SeededIn>,
  jobs: readonly Job[],
  index: JobIndex,
  problems: Problem[],
): void {
  if (![...seeded.values()].some(({ rule }) => rule?.needs)) return;
  const cycle = findCycle(new Map(jobs.map((job) => [job.name, (job.needs ?? []).map((need) => need.job)])));
  if (cycle === null) return;
  reportCycle(cycle, index, (span, code, message, hint) => {
    problems.push(problemAt(span, { code, message, hint: hint ?? null }));
  });
}

/** In the order of the stages; within a stage as in the file. */
function byStage(jobs: readonly Job[], { stages }: JobIndex): readonly Job[] {
  const groups = new Map<string, Job[]>(stages.map((stage) => [stage, []]));
  for (const job of jobs) groups.get(job.stage)?.push(job);
  return [...groups.values()].flat();
}

/** `.pre` and `.post` alone do not make a pipeline. */
function isEdge(stage: string): boolean {
  return stage === '.pre' || stage === '.post';
}
