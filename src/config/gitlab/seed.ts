import {
  circularVariables,
  expandVariables,
  refersToOthers,
  type SetVariable,
} from '../../base/expand-variables.ts';
import type {
  Environment,
  Job,
  JobBase,
  JobWhen,
  Need,
  OutsideNeed,
  Trigger,
  Variables,
} from '../../pipeline/index.ts';
import type { PipelineContext } from '../context.ts';
import type { JobIndex } from './job-index.ts';
import { expandNames, expandNeeds } from './needs.ts';
import { artifactsWithPages } from './pages.ts';
import type { JobInstance } from './parallel.ts';
import type { ParsedConfig, ParsedJob, ParsedNeed, ParsedRule } from './parsed.ts';
import type { PathQuestions } from './path-questions.ts';
import { policyAllows, policyOf } from './policy.ts';
import { jobIdentityVariables } from './predefined.ts';
import { firstMatch, type RuleScope } from './rules.ts';
import {
  inheritVariables,
  mergeVariables,
  NO_VARIABLES,
  type SharedVariables,
  type VariableMap,
  type VariableScope,
  variableScope,
  variableSet,
} from './variables.ts';

/** What every job of a pipeline is decided with. */
export interface Seeding {
  readonly config: ParsedConfig;
  readonly context: PipelineContext;
  readonly index: JobIndex;
  readonly shared: SharedVariables;
  /** Root variables with those of the workflow's rule over them. */
  readonly rootVariables: VariableMap;
  readonly paths: PathQuestions;
  /** Variables that many jobs share, made into the plan's form once. */
  readonly planVariables: WeakMap<VariableMap, Variables>;
  /** What is wrong with variables that many jobs share; null: nothing. */
  readonly circles: WeakMap<VariableMap, string | null>;
  /** The variables around YAML that refer to others: with a job's own they might go in a circle. */
  readonly sharedReferring: readonly SetVariable[];
}

/** What became of one job. */
export type SeededJob =
  | SeededIn
  | { readonly kind: 'out' }
  | { readonly kind: 'fault'; readonly code: string; readonly message: string };

export interface SeededIn {
  readonly kind: 'in';
  /** Its needs still hold those of jobs that are not in the pipeline. */
  readonly job: Job;
  /** The needs that must be met: the job's own, also where the rule has others. GitLab checks no rule's. */
  readonly ownNeeds: readonly Need[];
  /** The rule that let it in; null when none had to. */
  readonly rule: ParsedRule | null;
}

export function createSeeding(
  parts: Omit<Seeding, 'planVariables' | 'circles' | 'sharedReferring'>,
): Seeding {
  const sharedReferring = variableSet(parts.shared, NO_VARIABLES, new Map()).filter(refersToOthers);
  return { ...parts, planVariables: new WeakMap(), circles: new WeakMap(), sharedReferring };
}

/** Decides whether a job is in the pipeline and, if it is, what it is there. */
export async function seedJob(instance: JobInstance, seeding: Seeding): Promise<SeededJob> {
  const { job } = instance;
  const yaml = yamlVariables(instance, seeding);
  const scope = jobScope(instance, yaml, seeding);
  let rule: ParsedRule | null = null;
  if (job.rules !== null) {
    const match = await firstMatch(job.rules, scope);
    if (match.fault !== null) {
      return fault('rule-fault', `Failed to parse rule for ${instance.name}: ${match.fault}`);
    }
    rule = match.rule;
    if (rule === null || whenOf(job, rule) === 'never') return { kind: 'out' };
  } else {
    const allowed = await policyAllows(policyOf(job, seeding.config.workflow), seeding.context, scope);
    if (!allowed) return { kind: 'out' };
  }
  const circle = circleOf(yaml, seeding);
  if (circle !== null) return fault('circular-variables', `${instance.name}: ${circle}`);
  return buildJob(instance, rule, yaml, scope, seeding);
}

/** A job's YAML variables before any rule: root < workflow rule < job < matrix. */
export function yamlVariables(instance: JobInstance, seeding: Seeding): VariableMap {
  const inherited = inheritVariables(seeding.rootVariables, instance.job.inheritVariables);
  return mergeVariables(mergeVariables(inherited, instance.job.variables), instance.matrix);
}

/** What a job's rules are judged by. */
export function jobScope(instance: JobInstance, yaml: VariableMap, seeding: Seeding): RuleScope {
  const { environment } = instance.job;
  const bare = {
    name: instance.name,
    stage: instance.job.stage,
    when: instance.job.when,
    parallel: instance.parallel,
    environment: null,
  };
  const variables = variableScope(seeding.shared, yaml, () => {
    if (environment === null) return jobIdentityVariables(bare);
    // The environment's name may itself be made of the job's variables.
    const inner = variableScope(seeding.shared, yaml, () => jobIdentityVariables(bare));
    return jobIdentityVariables({ ...bare, environment: expandEnvironment(environment, inner) });
  });
  return { ...variables, paths: seeding.paths, projectPath: seeding.context.project.path };
}

function expandEnvironment(environment: Environment, scope: VariableScope): Environment {
  const name = expandVariables(environment.name, scope.lookupExpanded, 'empty');
  return name === environment.name ? environment : { ...environment, name };
}

function whenOf(job: ParsedJob, rule: ParsedRule | null): JobWhen | 'never' {
  return rule?.when ?? job.when ?? 'on_success';
}

/** Jobs that share their variables share the answer. */
function circleOf(yaml: VariableMap, seeding: Seeding): string | null {
  const known = seeding.circles.get(yaml);
  if (known !== undefined) return known;
  const circle = findCircle(yaml, seeding);
  seeding.circles.set(yaml, circle);
  return circle;
}

/** Names the variables of this job that refer to each other in a circle. */
function findCircle(yaml: VariableMap, { sharedReferring }: Seeding): string | null {
  const referring: SetVariable[] = [];
  for (const [key, { value, expand }] of yaml) {
    const variable = { key, value, expand };
    if (refersToOthers(variable)) referring.push(variable);
  }
  const circles = circularVariables([...referring, ...sharedReferring]);
  if (circles.length === 0) return null;
  const names = circles.map((circle) => `[${circle.map((name) => JSON.stringify(name)).join(', ')}]`);
  return `circular variable reference detected: ${names.join(', ')}`;
}

function buildJob(
  instance: JobInstance,
  rule: ParsedRule | null,
  yaml: VariableMap,
  scope: RuleScope,
  seeding: Seeding,
): SeededJob {
  const { job } = instance;
  const when = whenOf(job, rule);
  if (when === 'never') return { kind: 'out' };
  const own = needsIn(job.needs, instance, seeding.index);
  if (own !== null && own.length > MAX_NEEDS) {
    return fault(
      'too-many-needs',
      `${instance.name}: one job can only need ${MAX_NEEDS} others, but you have listed ${own.length}. See needs keyword documentation for more details`,
    );
  }
  const base: JobBase = {
    name: instance.name,
    stage: job.stage,
    when,
    startInSeconds: when === 'delayed' ? (rule?.startInSeconds ?? job.startInSeconds) : null,
    ...failureAllowance(job, rule),
    interruptible: rule?.interruptible ?? job.interruptible ?? false,
    needs: needsIn(rule?.needs ?? null, instance, seeding.index) ?? own,
    variables: toPlanVariables(rule === null ? yaml : mergeVariables(yaml, rule.variables), seeding),
    resourceGroup: resourceGroup(job, scope),
    environment: job.environment === null ? null : expandEnvironment(job.environment, scope),
    manualConfirmation: job.manualConfirmation,
    parallel: instance.parallel,
  };
  const complete = completeJob(instance, rule, base, scope, seeding.index);
  return { kind: 'in', job: complete, ownNeeds: own ?? [], rule };
}

function fault(code: string, message: string): SeededJob {
  return { kind: 'fault', code, message };
}

/** GitLab's default for one job. */
const MAX_NEEDS = 50;

function completeJob(
  { job }: JobInstance,
  rule: ParsedRule | null,
  base: JobBase,
  scope: RuleScope,
  index: JobIndex,
): Job {
  if (job.build !== null) {
    const dependencies = job.dependencies === null ? null : expandNames(job.dependencies, index);
    return {
      ...base,
      kind: 'build',
      ...job.build,
      artifacts: artifactsWithPages(job.name, job.build),
      tags: job.build.tags.map((tag) => expandVariables(tag, scope.lookup, 'keep')),
      dependencies,
      outsideNeeds: outsideNeedsOf(rule?.needs ?? job.needs ?? []),
    };
  }
  return { ...base, kind: 'bridge', trigger: job.trigger ?? mirrorOf(job.needs ?? []) };
}

function outsideNeedsOf(needs: readonly ParsedNeed[]): readonly OutsideNeed[] {
  return needs.flatMap((need): readonly OutsideNeed[] => {
    const { kind, job } = need;
    if (kind === 'pipeline' && job !== null && need.artifacts)
      return [{ kind, pipeline: need.pipeline, job, optional: need.optional }];
    if (kind === 'project' && need.artifacts)
      return [{ kind, project: need.project, ref: need.ref, job: need.job }];
    return [];
  });
}

/** What a bridge without `trigger` is: it needs a pipeline whose status it shows. */
function mirrorOf(needs: readonly ParsedNeed[]): Trigger {
  const mirrored = needs.find((need) => need.kind === 'pipeline');
  return {
    target: { kind: 'mirror', project: mirrored?.pipeline ?? '' },
    strategy: 'mirror',
    forward: { yamlVariables: false, pipelineVariables: false },
    inputs: {},
  };
}

/** Needs of other pipelines are no needs here. */
function needsIn(
  written: ParsedJob['needs'],
  instance: JobInstance,
  index: JobIndex,
): readonly Need[] | null {
  return written === null ? null : expandNeeds(written, instance, index).needs;
}

/** A job whose own `when` is manual may fail by default, whatever a rule makes of `when`. */
function failureAllowance(
  job: ParsedJob,
  rule: ParsedRule | null,
): Pick<JobBase, 'allowFailure' | 'allowFailureExitCodes'> {
  if (rule !== null && rule.allowFailure !== null) {
    return { allowFailure: rule.allowFailure, allowFailureExitCodes: [] };
  }
  const byDefault = job.allowFailureExitCodes.length === 0 && job.when === 'manual';
  return {
    allowFailure: job.allowFailure ?? byDefault,
    allowFailureExitCodes: job.allowFailureExitCodes,
  };
}

function resourceGroup(job: ParsedJob, scope: RuleScope): string | null {
  if (job.resourceGroup === null) return null;
  const key = expandVariables(job.resourceGroup, scope.lookupExpanded, 'empty');
  return key === '' ? null : key;
}

function toPlanVariables(variables: VariableMap, { planVariables }: Seeding): Variables {
  const known = planVariables.get(variables);
  if (known !== undefined) return known;
  const plain = planForm(variables);
  planVariables.set(variables, plain);
  return plain;
}

/** Entry by entry: a variable may be called `__proto__`. */
export function planForm(variables: VariableMap): Variables {
  return Object.fromEntries([...variables].map(([name, { value, expand }]) => [name, { value, expand }]));
}
