import { expandVariables } from '../../base/expand-variables.ts';
import {
  type EvaluatedClause,
  evaluate,
  evaluateTraced,
  isTruthy,
  parseExpression,
} from '../expression/index.ts';
import type { ParsedRule } from './parsed.ts';
import type { PathAnswer, PathQuestions } from './path-questions.ts';
import type { VariableScope } from './variables.ts';

/** What the clauses of a rule are judged by. */
export interface RuleScope extends VariableScope {
  readonly paths: PathQuestions;
  /** `group/name`: when `exists:project` names this one, the files are those at hand. */
  readonly projectPath: string;
}

/** Whether a rule applies; `fault` says why that cannot be told, in the words that follow "Failed to parse rule". */
export interface RuleOutcome {
  readonly matches: boolean;
  readonly fault: string | null;
}

/** A rule applies when all its clauses hold: `if` and `changes` and `exists`. One without clauses always applies. */
export async function judgeRule(rule: ParsedRule, scope: RuleScope): Promise<RuleOutcome> {
  if (rule.if !== null && !expressionHolds(rule.if, scope)) return NO_MATCH;
  if (rule.changes !== null) {
    const answer = await askChanges(rule.changes, scope);
    if (answer.fault !== null || !answer.matches) return answer;
  }
  return rule.exists === null ? MATCH : askExists(rule.exists, scope);
}

/** The first rule that applies; `rule` is null when none does or when `fault` stopped the search. */
export async function firstMatch(
  rules: readonly ParsedRule[],
  scope: RuleScope,
): Promise<{ readonly rule: ParsedRule | null; readonly fault: string | null }> {
  for (const rule of rules) {
    const outcome = await judgeRule(rule, scope);
    if (outcome.fault !== null) return { rule: null, fault: outcome.fault };
    if (outcome.matches) return { rule, fault: null };
  }
  return { rule: null, fault: null };
}

/** An expression of a pipeline file; one with a syntax error (reported when the file is read) holds never. */
export function expressionHolds(text: string, scope: VariableScope): boolean {
  const parsed = parseExpression(text);
  return parsed.ok && isTruthy(evaluate(parsed.expression, scope.lookup));
}

/** One rule with everything it saw: what `explain` prints. */
export interface TracedRule {
  readonly rule: ParsedRule;
  /** null: an earlier rule applied, this one was not looked at. */
  readonly matches: boolean | null;
  readonly fault: string | null;
  readonly if: TracedExpression | null;
  readonly changes: TracedPaths | null;
  readonly exists: TracedPaths | null;
}

export interface TracedExpression {
  readonly text: string;
  readonly result: boolean;
  /** Offsets of the clauses are into `text`. */
  readonly clauses: readonly EvaluatedClause[];
}

export interface TracedPaths {
  /** After variables were put in. */
  readonly patterns: readonly string[];
  readonly answer: PathAnswer | null;
}

/** As `firstMatch`, but looks at every clause of every rule up to the one that applies. */
export async function traceRules(
  rules: readonly ParsedRule[],
  scope: RuleScope,
): Promise<readonly TracedRule[]> {
  const traced: TracedRule[] = [];
  let decided = false;
  for (const rule of rules) {
    const step: TracedRule = decided ? unseen(rule) : await traceRule(rule, scope);
    traced.push(step);
    decided ||= step.matches === true || step.fault !== null;
  }
  return traced;
}

async function traceRule(rule: ParsedRule, scope: RuleScope): Promise<TracedRule> {
  const outcome = await judgeRule(rule, scope);
  return {
    rule,
    ...outcome,
    if: rule.if === null ? null : traceExpression(rule.if, scope),
    changes: rule.changes === null ? null : await traceChanges(rule.changes, scope),
    exists: rule.exists === null ? null : await traceExists(rule.exists, scope),
  };
}

function unseen(rule: ParsedRule): TracedRule {
  return { rule, matches: null, fault: null, if: null, changes: null, exists: null };
}

/** An expression with what each of its clauses saw. */
export function traceExpression(text: string, scope: VariableScope): TracedExpression {
  const parsed = parseExpression(text);
  if (!parsed.ok) return { text, result: false, clauses: [] };
  const { value, clauses } = evaluateTraced(parsed.expression, scope.lookup);
  return { text, result: isTruthy(value), clauses };
}

async function traceChanges(changes: Changes, scope: RuleScope): Promise<TracedPaths> {
  const patterns = expandAll(changes.paths, scope);
  return { patterns, answer: await scope.paths.changed(patterns, compareTo(changes, scope)) };
}

async function traceExists(exists: Exists, scope: RuleScope): Promise<TracedPaths> {
  return { patterns: expandAll(exists.paths, scope), answer: await answerExists(exists, scope) };
}

type Changes = NonNullable<ParsedRule['changes']>;
type Exists = NonNullable<ParsedRule['exists']>;

const MATCH: RuleOutcome = { matches: true, fault: null };
const NO_MATCH: RuleOutcome = { matches: false, fault: null };

async function askChanges(changes: Changes, scope: RuleScope): Promise<RuleOutcome> {
  const answer = await scope.paths.changed(expandAll(changes.paths, scope), compareTo(changes, scope));
  if (answer.remark === 'invalid-ref') {
    return { matches: false, fault: 'rules:changes:compare_to is not a valid ref' };
  }
  return answer.matches ? MATCH : NO_MATCH;
}

async function askExists(exists: Exists, scope: RuleScope): Promise<RuleOutcome> {
  const { matches, remark } = await answerExists(exists, scope);
  const fault = existsFault(exists, remark);
  if (fault !== null) return { matches: false, fault };
  return matches ? MATCH : NO_MATCH;
}

function answerExists(exists: Exists, scope: RuleScope): PathAnswer | Promise<PathAnswer> {
  if (exists.paths.length === 0) return NOTHING_FOUND;
  const patterns = expandAll(exists.paths, scope);
  const filled = (text: string) => expandVariables(text, scope.lookupExpanded, 'keep');
  const project = exists.project === null ? null : filled(exists.project);
  const isOwn = project === scope.projectPath && exists.ref === null;
  if (project === null || isOwn) return scope.paths.exists(patterns);
  return scope.paths.existsIn(project, exists.ref === null ? null : filled(exists.ref), patterns);
}

const NOTHING_FOUND: PathAnswer = { matches: false, paths: [], remark: null };

/** The message names project and ref as written: what their variables hold may be secret. */
function existsFault({ project, ref }: Exists, remark: PathAnswer['remark']): string | null {
  switch (remark) {
    case 'no-such-project':
      return `rules:exists:project \`${project}\` not found or access denied`;
    case 'project-unavailable':
      return `rules:exists:project \`${project}\` could not be fetched`;
    case 'invalid-ref':
      return `rules:exists:ref \`${ref ?? 'HEAD'}\` is not a valid ref in project \`${project}\``;
    default:
      return null;
  }
}

function compareTo(changes: Changes, scope: VariableScope): string | null {
  return changes.compareTo === null ? null : expandVariables(changes.compareTo, scope.lookupExpanded, 'keep');
}

function expandAll(patterns: readonly string[], scope: VariableScope): readonly string[] {
  if (!patterns.some((pattern) => pattern.includes('$') || pattern.includes('%'))) return patterns;
  return patterns.map((pattern) => expandVariables(pattern, scope.lookupExpanded, 'keep'));
}
