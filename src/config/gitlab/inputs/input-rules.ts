import type { MappingNode, Node, ScalarNode } from '../../document/index.ts';
import { type Expression, inputsOf, parseExpression } from '../../expression/index.ts';
import { findCycle } from '../cycles.ts';
import { isNull } from '../entries/collections.ts';
import { childOf, complain, type Position, say } from '../entries/entry.ts';
import { textOf } from '../entries/scalars.ts';
import { textOfInput } from './plain-values.ts';

/** Options and a default of an input that hold when the values of other inputs are as `if` says. */
export interface InputRule {
  /** null: it holds whatever the others are. */
  readonly if: Expression | null;
  readonly options: readonly Node[] | null;
  readonly default: Node | null;
  readonly node: Node;
}

/** Of an input, and of one rule of it. */
export const MAX_OPTIONS = 50;

/** Reads the `rules` of an input. */
export function readInputRules(node: Node, at: Position): readonly InputRule[] | undefined {
  if (node.kind !== 'sequence') return complain(childOf(at, 'rules'), node.span, 'should be an array');
  const rules: InputRule[] = [];
  for (const item of node.items) {
    const rule = readRule(item, at);
    if (rule === undefined) return undefined;
    rules.push(rule);
  }
  return rules;
}

const KEYS = ['if', 'options', 'default'];

function readRule(node: Node, at: Position): InputRule | undefined {
  const fault = (text: string, span = node.span): undefined =>
    say(at, span, `\`${at.key}\` input: ${text}`, { code: 'input-invalid' });
  if (node.kind !== 'mapping') return fault('should be a hash');
  if (node.entries.size === 0) return fault("can't be blank");
  const unknown = [...node.entries.keys()].filter((name) => !KEYS.includes(name));
  if (unknown.length > 0) return fault(`contains unknown keys: ${unknown.join(', ')}`);

  const written = writtenValue(node, 'if');
  const condition = written === null ? null : parseExpression(textOf(written) ?? '');
  if (condition?.ok === false) return fault('if invalid expression syntax', written?.span);
  const options = writtenValue(node, 'options');
  if (options !== null && options.kind !== 'sequence')
    return fault('options should be an array', options.span);
  const items = options?.items ?? [];
  if (items.length > MAX_OPTIONS) return fault(`cannot define more than ${MAX_OPTIONS} options`);
  const preset = node.entries.get('default')?.value ?? null;
  if (preset === null) return fault("rule must define 'options' with at least one value and a 'default'");
  if (items.length > 0 && !items.some((item) => sameValue(item, preset))) {
    return fault(`default '${textOfInput(preset)}' must be one of the options`, preset.span);
  }
  return { if: condition?.expression ?? null, options: options?.items ?? null, default: preset, node };
}

function writtenValue(node: MappingNode, name: string): Node | null {
  const value = node.entries.get(name)?.value;
  return value === undefined || isNull(value) ? null : value;
}

/** Whether two values are the same, the text `1` being none with the number 1. */
export function sameValue(a: Node, b: Node): boolean {
  if (a.kind === 'scalar' && b.kind === 'scalar') return a.value === b.value;
  return a.kind === b.kind && textOfInput(a) === textOfInput(b);
}

/** Rules may only ask for inputs that there are, and not for each other in a circle. */
export function checkInputRules(specs: ReadonlyMap<string, RuledInput>, at: Position): void {
  const asked = new Map<string, readonly string[]>();
  for (const { name, rules } of specs.values()) {
    const names = (rules ?? []).map((rule) => (rule.if === null ? [] : inputsOf(rule.if)));
    asked.set(name, names.flat());
    for (const [index, some] of names.entries()) {
      const missing = some.filter((input) => !specs.has(input));
      const span = rules?.[index]?.node.span;
      if (missing.length === 0 || span === undefined) continue;
      complain(childOf(at, name), span, `rule[${index}] references undefined inputs: ${missing.join(', ')}`);
    }
  }
  const cycle = findCycle(asked);
  const [first] = specs.values();
  if (cycle === null || first === undefined) return;
  const span = specs.get(cycle[0] ?? '')?.key.span ?? first.key.span;
  complain(childOf(at, first.name), span, 'circular dependency detected', {
    hint: `${[...cycle, cycle[0]].join(' asks for ')}.`,
  });
}

interface RuledInput {
  readonly name: string;
  readonly key: ScalarNode;
  readonly rules: readonly InputRule[] | null;
}
