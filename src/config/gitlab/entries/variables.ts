import type { Variable } from '../../../pipeline/index.ts';
import { type Node, scalarText } from '../../document/index.ts';
import type { ParsedVariable } from '../parsed.ts';
import { attribute, type Fields, into, listOf, mapOf, record } from './collections.ts';
import { complain, type Entry, locationOf, type Position, type Shape, say } from './entry.ts';
import { boolean, scalarAsText } from './scalars.ts';

const NOT_A_VARIABLE = 'variable definition must be either a string or a hash';

interface VariableKeys {
  value: string;
  description: string;
  options: readonly string[];
  expand: boolean;
}

const value = scalarAsText('must be a string');

const rootVariable = record<VariableKeys>({
  value: attribute(value),
  description: attribute(value),
  options: attribute(listOf(value, { message: 'should be an array of strings' })),
  expand: attribute(boolean),
});

const JOB_KEYS: ReadonlySet<string> = new Set(['value', 'expand']);

const jobVariable: Shape = { type: 'record', fields: { value: value.shape, expand: boolean.shape } };

/** `variables` at the root: values, with what a form for starting the pipeline shows beside them. */
export const rootVariables: Entry<ReadonlyMap<string, ParsedVariable>> = mapOf({
  shape: { type: 'one-of', choices: [value.shape, rootVariable.shape] },
  read(node, at) {
    if (node.kind === 'scalar') return plain(scalarText(node), node);
    if (node.kind !== 'mapping') return complain(at, node.span, NOT_A_VARIABLE);
    return into(rootVariable, (fields) => detailed(fields, at, node)).read(node, at);
  },
});

/** `variables` of a job or a rule: values only. */
export const jobVariables: Entry<ReadonlyMap<string, Variable>> = mapOf({
  shape: { type: 'one-of', choices: [value.shape, jobVariable] },
  read(node, at) {
    if (node.kind === 'scalar') return { value: scalarText(node), expand: true };
    if (node.kind !== 'mapping') return complain(at, node.span, NOT_A_VARIABLE);
    for (const [name, entry] of node.entries) {
      if (!JOB_KEYS.has(name)) return complain(at, entry.key.span, `uses invalid data keys: ${name}`);
    }
    return into(rootVariable, ({ values }) => ({
      value: values.value ?? '',
      expand: values.expand ?? true,
    })).read(node, at);
  },
});

/** `variables` of a rule: plain values, nothing around them. */
export const ruleVariables: Entry<ReadonlyMap<string, Variable>> = mapOf(
  into(value, (text) => ({ value: text, expand: true })),
);

function plain(text: string, node: Node): ParsedVariable {
  return { value: text, expand: true, description: null, options: null, span: node.span };
}

function detailed(
  { values, spanOf }: Fields<VariableKeys>,
  at: Position,
  node: Node,
): ParsedVariable | undefined {
  const { options = null } = values;
  if (options !== null && values.value === undefined) {
    return say(at, spanOf('options'), `${locationOf(at)} config must contain value when it has options`);
  }
  if (options !== null && values.value !== undefined && !options.includes(values.value)) {
    return complain(at, spanOf('value'), 'value must be present in options', {
      hint: `The options are: ${options.join(', ')}.`,
    });
  }
  return {
    value: values.value ?? '',
    expand: values.expand ?? true,
    description: values.description ?? null,
    options,
    span: node.span,
  };
}
