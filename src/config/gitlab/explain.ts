import type { Place } from '../../base/problem.ts';
import type { Json } from '../../pipeline/index.ts';
import { type MappingNode, placeOf, toJson } from '../document/index.ts';
import { type Mask, maskOf } from './mask.ts';
import type { JobInstance } from './parallel.ts';
import type { ParsedJob, ParsedPolicy } from './parsed.ts';
import type { PathRemark } from './path-questions.ts';
import type { ReadingDetails } from './pipeline.ts';
import { type JudgedPart, policyOf, type SeenRef, type TracedPart, tracePolicy } from './policy.ts';
import { jobIdentityVariables } from './predefined.ts';
import {
  firstMatch,
  type RuleScope,
  type TracedExpression,
  type TracedPaths,
  type TracedRule,
  traceRules,
} from './rules.ts';
import { jobScope, type Seeding, yamlVariables } from './seed.ts';
import { inheritVariables, type VariableLevel, type VariableMap, variableScope } from './variables.ts';

/** Everything about one job: why it is in the pipeline or not, and where each of its keys and variables comes from. */
export interface JobExplanation {
  readonly name: string;
  /** All jobs that `parallel` made of it; empty for a job that is not parallel. */
  readonly instances: readonly string[];
  readonly place: Place;
  readonly included: boolean;
  /** What decided, as one sentence. */
  readonly reason: string;
  /** `workflow:rules`, which decide before any job's; null when there are none. */
  readonly workflow: readonly ExplainedRule[] | null;
  /** null: the job has no rules. */
  readonly rules: readonly ExplainedRule[] | null;
  /** What `only` and `except` say; null with rules, and when nothing restricts the job. */
  readonly policy: ExplainedPolicy | null;
  readonly keys: readonly ExplainedKey[];
  /** Low to high precedence; of one name the highest stands last. Secrets are masked. */
  readonly variables: readonly ExplainedVariable[];
}

export interface ExplainedRule {
  readonly place: Place;
  /** null: not looked at, an earlier rule applied. */
  readonly matches: boolean | null;
  /** Why it could not be judged. */
  readonly fault: string | null;
  /** `when` as the rule has it. */
  readonly when: string | null;
  readonly if: ExplainedExpression | null;
  readonly changes: ExplainedPaths | null;
  readonly exists: ExplainedPaths | null;
}

export interface ExplainedExpression {
  readonly text: string;
  readonly result: boolean;
  readonly clauses: readonly {
    readonly text: string;
    readonly variables: readonly { readonly name: string; readonly value: string | null }[];
    /** null: what stands before had decided already. */
    readonly result: boolean | null;
  }[];
}

export interface ExplainedPaths {
  readonly patterns: readonly string[];
  readonly matches: boolean;
  /** The first that matched. */
  readonly paths: readonly string[];
  readonly remark: PathRemark | null;
}

export interface ExplainedPolicy {
  readonly only: readonly ExplainedPart[];
  /** Nobody wrote it: it is what holds for a job without rules. */
  readonly implicit: boolean;
  readonly except: readonly ExplainedPart[];
}

/** A part of `only` or `except`, such as its `refs`: its values are alternatives. */
export interface ExplainedPart extends JudgedPart {
  /** null: nobody wrote it. */
  readonly place: Place | null;
  /** What `refs` were compared with. */
  readonly ref: SeenRef | null;
  /** Of `variables`, one for each value. */
  readonly expressions: readonly ExplainedExpression[];
  readonly changes: ExplainedPaths | null;
}

export interface ExplainedKey {
  readonly key: string;
  readonly value: Json;
  readonly place: Place;
  /** How it came here when it was not written in the job; the nearest step first. */
  readonly via: readonly { readonly kind: string; readonly name: string; readonly place: Place | null }[];
  /** The keys of a mapping: they may come from different places. */
  readonly keys: readonly ExplainedKey[];
}

export interface ExplainedVariable {
  readonly name: string;
  readonly value: string;
  readonly level: VariableLevel;
  /** Another level stands above it. */
  readonly overridden: boolean;
}

export async function explainJob(jobName: string, details: ReadingDetails): Promise<JobExplanation | null> {
  const { seeding } = details;
  const { index } = seeding;
  const instance = index.byName.get(jobName) ?? index.byName.get(index.instancesOf.get(jobName)?.[0] ?? '');
  if (instance === undefined) return null;
  const { job } = instance;
  const mask = maskOf(seeding.context);

  const workflow = await explainWorkflow(seeding, mask);
  const scope = jobScope(instance, yamlVariables(instance, seeding), seeding);
  const rules =
    job.rules === null ? null : (await traceRules(job.rules, scope)).map((rule) => explainRule(rule, mask));
  const policy = job.rules === null ? await explainPolicy(job, seeding, scope, mask) : null;
  const seeded = details.jobs.get(instance.name);
  return {
    name: instance.name,
    instances: index.instancesOf.get(job.name) ?? [],
    place: placeOf(job.nameSpan),
    included: seeded !== undefined,
    reason: reasonFor(details, seeded !== undefined, rules, policy),
    workflow,
    rules,
    policy,
    keys: explainKeys(job.source),
    variables: await explainVariables(instance, seeding, mask),
  };
}

async function explainWorkflow(seeding: Seeding, mask: Mask): Promise<readonly ExplainedRule[] | null> {
  const { config, shared, paths, context } = seeding;
  if (config.workflow.rules === null) return null;
  const variables = variableScope(shared, config.variables, () => new Map());
  const scope = { ...variables, paths, projectPath: context.project.path };
  return (await traceRules(config.workflow.rules, scope)).map((rule) => explainRule(rule, mask));
}

function explainRule(traced: TracedRule, mask: Mask): ExplainedRule {
  return {
    place: placeOf(traced.rule.span),
    matches: traced.matches,
    fault: traced.fault,
    when: traced.rule.when,
    if: traced.if === null ? null : explainExpression(traced.if, mask),
    changes: traced.changes === null ? null : explainPaths(traced.changes, mask),
    exists: traced.exists === null ? null : explainPaths(traced.exists, mask),
  };
}

function explainExpression({ text, result, clauses }: TracedExpression, mask: Mask): ExplainedExpression {
  return {
    text,
    result,
    clauses: clauses.map((clause) => ({
      text: text.slice(clause.start, clause.end),
      variables: clause.variables.map(({ name, value }) => ({
        name,
        value: value === null ? null : mask(value),
      })),
      result: clause.result,
    })),
  };
}

function explainPaths({ patterns, answer }: TracedPaths, mask: Mask): ExplainedPaths {
  return {
    patterns: patterns.map(mask),
    matches: answer?.matches ?? false,
    paths: answer?.paths ?? [],
    remark: answer?.remark ?? null,
  };
}

async function explainPolicy(
  job: ParsedJob,
  seeding: Seeding,
  scope: RuleScope,
  mask: Mask,
): Promise<ExplainedPolicy | null> {
  const policy = policyOf(job, seeding.config.workflow);
  if (policy.only === null && policy.except === null) return null;

  async function explainParts(keyword: string, written: ParsedPolicy | null): Promise<ExplainedPart[]> {
    if (written === null) return [];
    const parts = await tracePolicy(written, seeding.context, scope);
    return parts.map((part) => explainPart(part, placeOfPart(job.source, keyword, part.part), mask));
  }
  return {
    only: await explainParts('only', policy.only),
    implicit: policy.implicit,
    except: await explainParts('except', policy.except),
  };
}

function explainPart(traced: TracedPart, place: Place | null, mask: Mask): ExplainedPart {
  const { part, values, holds, ref, expressions, answer } = traced;
  return {
    part,
    values,
    holds,
    place,
    ref,
    expressions: expressions.map((expression) => explainExpression(expression, mask)),
    changes: answer === null ? null : explainPaths({ patterns: values, answer }, mask),
  };
}

/** A plain list is the `refs`; of a mapping each part has a key, and refs that nobody wrote are at the keyword. */
function placeOfPart(job: MappingNode, keyword: string, part: string): Place | null {
  const policy = job.entries.get(keyword);
  if (policy === undefined) return null;
  const entry = policy.value.kind === 'mapping' ? policy.value.entries.get(part) : undefined;
  return placeOf((entry ?? policy).key.span);
}

function reasonFor(
  { workflow }: ReadingDetails,
  included: boolean,
  rules: readonly ExplainedRule[] | null,
  policy: ExplainedPolicy | null,
): string {
  if (workflow.kind === 'filtered') return 'There is no pipeline: workflow:rules want none.';
  if (workflow.kind === 'fault') return `There is no pipeline: ${workflow.message}.`;
  if (rules !== null) return ruleReason(rules, included);
  if (policy !== null) return policyReason(policy, included);
  return included ? 'Nothing restricts the job.' : 'The pipeline has errors.';
}

function ruleReason(rules: readonly ExplainedRule[], included: boolean): string {
  const fault = rules.find((rule) => rule.fault !== null)?.fault;
  if (fault !== undefined && fault !== null) return `A rule could not be judged: ${fault}.`;
  const at = rules.findIndex((rule) => rule.matches === true);
  if (at === -1) return 'None of its rules applies.';
  const which = `Rule ${at + 1} of ${rules.length} applies`;
  if (rules[at]?.when === 'never') return `${which}, and says when: never.`;
  return included ? `${which}.` : `${which}, but the pipeline has errors.`;
}

function policyReason({ only, implicit, except }: ExplainedPolicy, included: boolean): string {
  const missed = only.find((part) => !part.holds);
  if (missed !== undefined) {
    const values = missed.values.join(', ');
    return implicit
      ? 'A job without rules runs for branches and tags only.'
      : `only:${missed.part} does not hold: ${values}.`;
  }
  const hit = except.find((part) => part.holds);
  if (hit !== undefined) return `except:${hit.part} holds: ${hit.values.join(', ')}.`;
  if (!included) return 'only and except allow it, but the pipeline has errors.';
  return implicit
    ? 'It has no rules, and the pipeline is for a branch or a tag.'
    : 'only and except allow it.';
}

function explainKeys(mapping: MappingNode): readonly ExplainedKey[] {
  return [...mapping.entries].map(([key, entry]) => ({
    key,
    value: toJson(entry.value),
    place: placeOf(entry.key.span),
    via: entry.via.map(({ kind, name, span }) => ({
      kind,
      name,
      place: span === null ? null : placeOf(span),
    })),
    keys: entry.value.kind === 'mapping' ? explainKeys(entry.value) : [],
  }));
}

async function explainVariables(
  instance: JobInstance,
  seeding: Seeding,
  mask: Mask,
): Promise<readonly ExplainedVariable[]> {
  const { config, shared, rootVariables } = seeding;
  const { job } = instance;
  const inherit = job.inheritVariables;
  const workflowOnly = new Map([...rootVariables].filter(([name, v]) => config.variables.get(name) !== v));
  const scope = jobScope(instance, yamlVariables(instance, seeding), seeding);
  const rule = job.rules === null ? null : (await firstMatch(job.rules, scope)).rule;
  const levels: readonly (readonly [VariableLevel, VariableMap])[] = [
    ['predefined', shared.predefined],
    ['predefined', ownVariables(instance, scope)],
    ['root', inheritVariables(config.variables, inherit)],
    ['workflow', inheritVariables(workflowOnly, inherit)],
    ['job', job.variables],
    ['matrix', instance.matrix],
    ['rule', rule?.variables ?? new Map()],
    ['user', shared.user],
    ['project', shared.project],
    ['pipeline', shared.pipeline],
  ];
  const highest = new Map<string, VariableLevel>();
  for (const [level, variables] of levels) for (const name of variables.keys()) highest.set(name, level);
  return levels.flatMap(([level, variables]) =>
    [...variables].map(([name, { value }]) => ({
      name,
      value: mask(value),
      level,
      overridden: highest.get(name) !== level,
    })),
  );
}

function ownVariables(instance: JobInstance, scope: { lookup(name: string): string | null }): VariableMap {
  const { name, job, parallel } = instance;
  const names = jobIdentityVariables({
    name,
    stage: job.stage,
    when: job.when,
    parallel,
    environment: job.environment,
  }).keys();
  return new Map([...names].map((key) => [key, { value: scope.lookup(key) ?? '', expand: false }] as const));
}
