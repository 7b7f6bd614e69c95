import { compileRegex, parseRegexLiteral } from '../../base/regex.ts';
import type { PipelineContext } from '../context.ts';
import type { ParsedJob, ParsedPolicy, ParsedWorkflow } from './parsed.ts';
import type { PathAnswer } from './path-questions.ts';
import { expressionHolds, type RuleScope, type TracedExpression, traceExpression } from './rules.ts';

/** What `only` and `except` say about a job; null where nothing restricts it. */
export interface JobPolicy {
  readonly only: ParsedPolicy | null;
  /** `only` was not written: it is the default that holds without any rules. */
  readonly implicit: boolean;
  readonly except: ParsedPolicy | null;
}

const BRANCHES_AND_TAGS = ['branches', 'tags'];

const IMPLICIT_ONLY: ParsedPolicy = {
  refs: BRANCHES_AND_TAGS,
  variables: null,
  changes: null,
  kubernetes: false,
};

/**
 * A job with neither `rules` nor `only` runs for branches and tags only (so not for merge requests), unless
 * `workflow:rules` decides about the whole pipeline. Writing `only: null` or `rules: null` lifts that, too.
 */
export function policyOf(job: ParsedJob, workflow: ParsedWorkflow): JobPolicy {
  if (job.rules !== null) return { only: null, implicit: false, except: null };
  if (job.only !== null) return { only: withDefaultRefs(job.only), implicit: false, except: job.except };
  const lifted = workflow.rules !== null || job.source.entries.has('rules') || job.source.entries.has('only');
  return { only: lifted ? null : IMPLICIT_ONLY, implicit: !lifted, except: job.except };
}

function withDefaultRefs(policy: ParsedPolicy): ParsedPolicy {
  return policy.refs === null ? { ...policy, refs: BRANCHES_AND_TAGS } : policy;
}

/** Every part of `only` must hold, and no part of `except`. */
export async function policyAllows(
  policy: JobPolicy,
  context: PipelineContext,
  scope: RuleScope,
): Promise<boolean> {
  const only = policy.only === null ? [] : await judgePolicy(policy.only, context, scope);
  const except = policy.except === null ? [] : await judgePolicy(policy.except, context, scope);
  return only.every((part) => part.holds) && !except.some((part) => part.holds);
}

/** One part of a policy and whether it holds. */
export interface JudgedPart {
  readonly part: 'refs' | 'variables' | 'changes' | 'kubernetes';
  readonly values: readonly string[];
  readonly holds: boolean;
}

/** Each part that the policy has: its entries are alternatives. */
export async function judgePolicy(
  policy: ParsedPolicy,
  context: PipelineContext,
  scope: RuleScope,
): Promise<readonly JudgedPart[]> {
  const parts: JudgedPart[] = [];
  if (policy.refs !== null) {
    const holds = policy.refs.some((pattern) => refMatches(pattern, context));
    parts.push({ part: 'refs', values: policy.refs, holds });
  }
  if (policy.variables !== null) {
    const holds = policy.variables.some((expression) => expressionHolds(expression, scope));
    parts.push({ part: 'variables', values: policy.variables, holds });
  }
  if (policy.changes !== null) {
    const { matches } = await scope.paths.changed(policy.changes, null);
    parts.push({ part: 'changes', values: policy.changes, holds: matches });
  }
  // No pipeline here has a cluster attached to its project.
  if (policy.kubernetes) parts.push({ part: 'kubernetes', values: ['active'], holds: false });
  return parts;
}

/** One part of a policy with everything it saw: what `explain` prints. */
export interface TracedPart extends JudgedPart {
  /** What `refs` compare with. */
  readonly ref: SeenRef | null;
  /** Of `variables`: each expression with what its clauses saw. */
  readonly expressions: readonly TracedExpression[];
  /** Of `changes`. */
  readonly answer: PathAnswer | null;
}

export interface SeenRef {
  readonly kind: 'branch' | 'tag' | 'merge request';
  readonly name: string;
  /** What made the pipeline, such as `push`. */
  readonly source: string;
}

/** As `judgePolicy`, but looks at every expression. */
export async function tracePolicy(
  policy: ParsedPolicy,
  context: PipelineContext,
  scope: RuleScope,
): Promise<readonly TracedPart[]> {
  const ref: SeenRef = {
    kind: context.mergeRequest === null ? context.ref.kind : 'merge request',
    name: context.ref.name,
    source: context.source,
  };
  const changes = policy.changes === null ? null : await scope.paths.changed(policy.changes, null);
  return (await judgePolicy(policy, context, scope)).map((judged) => ({
    ...judged,
    ref: judged.part === 'refs' ? ref : null,
    expressions: judged.part === 'variables' ? judged.values.map((text) => traceExpression(text, scope)) : [],
    answer: judged.part === 'changes' ? changes : null,
  }));
}

/** `branches`, `tags`, a pipeline source, a ref's name or `/pattern/`, each perhaps with `@group/project`. */
function refMatches(entry: string, context: PipelineContext): boolean {
  const at = entry.indexOf('@');
  const pattern = at === -1 ? entry : entry.slice(0, at);
  if (at !== -1 && entry.slice(at + 1) !== context.project.path) return false;

  const isTag = context.ref.kind === 'tag';
  const isBranch = !isTag && context.mergeRequest === null;
  if (isTag && pattern === 'tags') return true;
  if (isBranch && pattern === 'branches') return true;
  const source = context.source.replace(/_event$/, '');
  if (pattern === source || pattern === pluralOf(source)) return true;
  // Names and patterns are about branches and tags: a merge request's ref is neither.
  return (isBranch || isTag) && nameMatches(pattern, context.ref.name);
}

function pluralOf(source: string): string {
  return source.endsWith('sh') ? `${source}es` : `${source}s`;
}

function nameMatches(pattern: string, name: string): boolean {
  const literal = parseRegexLiteral(pattern);
  if (literal === null) return pattern === name;
  const compiled = compileRegex(literal.pattern, literal.flags);
  return compiled.ok ? compiled.regex.test(name) : pattern === name;
}
