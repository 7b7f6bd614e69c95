import { printable } from '../../base/printable.ts';
import type { Place } from '../../base/problem.ts';
import type {
  ExplainedExpression,
  ExplainedKey,
  ExplainedPart,
  ExplainedPaths,
  ExplainedPolicy,
  ExplainedRule,
  JobExplanation,
} from '../../config/index.ts';
import type { Json } from '../../pipeline/index.ts';
import type { Colours } from '../colours.ts';
import { padTo, textWidth } from './text-width.ts';

/** Why a job is in the pipeline or not, and where everything in it comes from, for people. */
export function explanationText(explained: JobExplanation, colours: Colours): string {
  const { name, included, reason, place, instances } = explained;
  const verdict = included ? colours.green('✓ in the pipeline') : colours.red('✗ not in the pipeline');
  const others =
    instances.length > 1
      ? [colours.dim(`  one of ${instances.length} jobs: ${instances.map(printable).join(', ')}`)]
      : [];
  return [
    `${colours.bold(printable(name))}  ${verdict}  ${colours.dim(placeText(place))}`,
    `  ${printable(reason)}`,
    ...others,
    ...section('workflow:rules', colours, ruleLines(explained.workflow, colours)),
    ...section('rules', colours, ruleLines(explained.rules, colours)),
    ...section('only and except', colours, policyLines(explained.policy, colours)),
    ...section('keys', colours, keyLines(explained.keys, colours)),
    ...section('variables, the later ones win', colours, variableLines(explained, colours)),
    '',
  ].join('\n');
}

function section(title: string, colours: Colours, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', colours.bold(title), ...lines.map((line) => `  ${line}`)];
}

function ruleLines(rules: readonly ExplainedRule[] | null, colours: Colours): readonly string[] {
  return (rules ?? []).flatMap((rule) => {
    const place = colours.dim(placeText(rule.place));
    if (rule.matches === null)
      return [`${mark(null, colours)} not looked at, an earlier rule applies  ${place}`];
    const when = rule.when === null ? '' : `, when: ${rule.when}`;
    const head = `${mark(rule.matches, colours)} ${printable(conditionText(rule))}${when}  ${place}`;
    const fault = rule.fault === null ? [] : [colours.red(printable(rule.fault))];
    const paths = [
      pathLines('changes', rule.changes, colours),
      pathLines('exists', rule.exists, colours),
    ].flat();
    return [head, ...[...clauseLines(rule.if, colours), ...paths, ...fault].map((line) => `    ${line}`)];
  });
}

function conditionText(rule: ExplainedRule): string {
  const parts = [
    rule.if === null ? '' : `if: ${rule.if.text}`,
    rule.changes === null ? '' : 'changes',
    rule.exists === null ? '' : 'exists',
  ].filter((part) => part !== '');
  return parts.length === 0 ? 'always' : parts.join(' and ');
}

/** Each clause with what its variables held; of a single clause only the variables, the rule's line has the rest. */
function clauseLines(expression: ExplainedExpression | null, colours: Colours): readonly string[] {
  const clauses = expression?.clauses ?? [];
  return clauses.flatMap((clause) => {
    const values = clause.variables.map(
      ({ name, value }) => `$${name} is ${value === null ? 'not set' : JSON.stringify(value)}`,
    );
    const seen = colours.cyan(printable(values.join(', ')));
    if (clauses.length === 1) return values.length === 0 ? [] : [seen];
    return [
      `${mark(clause.result, colours)} ${printable(clause.text)}${values.length === 0 ? '' : `  ${seen}`}`,
    ];
  });
}

function pathLines(keyword: string, asked: ExplainedPaths | null, colours: Colours): readonly string[] {
  if (asked === null) return [];
  const answer = asked.paths.length > 0 ? asked.paths.join(', ') : remarkText(asked);
  return [
    `${mark(asked.matches, colours)} ${keyword}: ${printable(asked.patterns.join(', '))}  ${colours.cyan(printable(answer))}`,
  ];
}

function remarkText({ remark }: ExplainedPaths): string {
  switch (remark) {
    case 'no-diff-known':
      return 'it is not known what changed, so this holds';
    case 'too-many-comparisons':
      return 'too many files to compare, so this holds';
    case 'invalid-ref':
      return 'there is no such ref';
    case 'no-such-project':
      return 'there is no such project, or no access to it';
    case 'project-unavailable':
      return 'the project could not be fetched';
    case null:
      return 'no such path';
  }
}

function policyLines(policy: ExplainedPolicy | null, colours: Colours): readonly string[] {
  if (policy === null) return [];
  const only = policy.only.flatMap((part) => partLines('only', part, part.holds, colours));
  const except = policy.except.flatMap((part) => partLines('except', part, !part.holds, colours));
  return [...only, ...except];
}

function partLines(
  keyword: string,
  part: ExplainedPart,
  allows: boolean,
  colours: Colours,
): readonly string[] {
  const origin = part.place === null ? 'what holds for a job without rules' : placeText(part.place);
  const values = part.values.map(printable).join(', ');
  const head = `${mark(allows, colours)} ${keyword} ${part.part}: ${values}  ${colours.dim(origin)}`;
  return [head, ...seenByPart(part, colours).map((line) => `    ${line}`)];
}

function seenByPart({ ref, expressions, changes }: ExplainedPart, colours: Colours): readonly string[] {
  const seenRef =
    ref === null ? [] : [colours.cyan(printable(`${ref.kind} ${ref.name}, source ${ref.source}`))];
  const [only] = expressions;
  const seenExpressions =
    only !== undefined && expressions.length === 1
      ? clauseLines(only, colours)
      : expressions.flatMap((expression) => [
          `${mark(expression.result, colours)} ${printable(expression.text)}`,
          ...clauseLines(expression, colours).map((line) => `    ${line}`),
        ]);
  return [...seenRef, ...seenExpressions, ...pathLines('changes', changes, colours)];
}

function keyLines(keys: readonly ExplainedKey[], colours: Colours, indent = ''): readonly string[] {
  const rows = keys.map((key) => ({ key, left: `${indent}${printable(key.key)}: ${valueText(key)}` }));
  const width = Math.min(Math.max(0, ...rows.map((row) => textWidth(row.left))), 60);
  return rows.flatMap(({ key, left }) => [
    `${padTo(left, width)}  ${colours.dim(originText(key))}`,
    ...keyLines(differing(key), colours, `${indent}  `),
  ]);
}

/** The keys of a mapping are worth lines of their own when they do not all come the way the mapping came. */
function differing({ keys, place, via }: ExplainedKey): readonly ExplainedKey[] {
  const way = (steps: ExplainedKey['via']) => steps.map((step) => `${step.kind} ${step.name}`).join();
  return keys.some((key) => key.place.file !== place.file || way(key.via) !== way(via)) ? keys : [];
}

function valueText(key: ExplainedKey): string {
  if (differing(key).length > 0) return '';
  const text = compact(key.value);
  return printable(text.length > 70 ? `${text.slice(0, 69)}…` : text);
}

/** One line, as YAML's flow style reads: quotes only where a text could be taken for something else. */
function compact(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(compact).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    return `{${Object.entries(value)
      .map(([name, part]) => `${name}: ${compact(part)}`)
      .join(', ')}}`;
  }
  return typeof value === 'string' && !/^[\w./$-][^:#,[\]{}]*$/.test(value)
    ? JSON.stringify(value)
    : String(value);
}

function originText({ place, via }: ExplainedKey): string {
  const steps = via.map(({ kind, name }) => (name === kind ? kind : `${kind} ${printable(name)}`));
  return steps.length === 0 ? placeText(place) : `${placeText(place)} through ${steps.join(', ')}`;
}

/** What GitLab predefines is long and the same for every job: counted, not listed. */
function variableLines({ variables }: JobExplanation, colours: Colours): readonly string[] {
  const shown = variables.filter((variable) => variable.level !== 'predefined');
  const width = Math.max(0, ...shown.map((variable) => variable.level.length));
  const lines = shown.map(({ name, value, level, overridden }) => {
    const line = `${level.padEnd(width)}  ${name} = ${printable(JSON.stringify(value))}`;
    return overridden ? colours.dim(`${line}  (overridden)`) : line;
  });
  const rest = variables.length - shown.length;
  return rest === 0 ? lines : [colours.dim(`and ${rest} predefined ones, with --json`), ...lines];
}

function mark(holds: boolean | null, colours: Colours): string {
  return holds === null ? colours.dim('·') : holds ? colours.green('✓') : colours.red('✗');
}

function placeText({ file, line }: Place): string {
  return `${printable(file)}:${line}`;
}
