import { compileRegex, parseRegexLiteral } from '../../../base/regex.ts';
import type { Node } from '../../document/index.ts';
import type { ParsedPolicy } from '../parsed.ts';
import { attribute, into, listOf, record } from './collections.ts';
import { complain, type Entry, locationOf, type Position, say } from './entry.ts';
import { expression, text, textOf, word } from './scalars.ts';

const REFS_MESSAGE = 'should be an array of strings or regular expressions using re2 syntax';

const ref: Entry<string> = {
  shape: { type: 'string', description: 'a ref, a keyword such as branches, or /a regular expression/' },
  read(node, at) {
    const value = textOf(node);
    if (value === null) return complain(at, node.span, REFS_MESSAGE);
    const literal = value.startsWith('/') ? parseRegexLiteral(value.replace(/@[^/].*$/, '')) : null;
    if (literal === null) return value;
    const compiled = compileRegex(literal.pattern, literal.flags);
    return compiled.ok ? value : complain(at, node.span, REFS_MESSAGE, { hint: compiled.message });
  },
};

const refs = listOf(ref, { message: REFS_MESSAGE });

const NOT_STRINGS = 'should be an array of strings';

const strings = listOf(text({ message: NOT_STRINGS }), { message: NOT_STRINGS });

/** What is no text at all is told so first, as in GitLab. */
const expressions: Entry<readonly string[]> = {
  shape: listOf(expression).shape,
  read(node, at) {
    const texts = strings.read(node, at);
    return texts === undefined ? undefined : listOf(expression).read(node, at);
  },
};

interface PolicyKeys {
  refs: readonly string[];
  variables: readonly string[];
  changes: readonly string[];
  kubernetes: 'active';
}

const listed = into(refs, (list) => ({ refs: list, variables: null, changes: null, kubernetes: false }));

const detailed = into(
  record<PolicyKeys>({
    refs: attribute(refs),
    variables: attribute(expressions),
    changes: attribute(strings),
    kubernetes: attribute(word(['active'], 'unknown value:')),
  }),
  ({ values }, at, node) => policyOf(values, at, node),
);

/** `only` and `except`: the older way to say when a job runs. */
export const policy: Entry<ParsedPolicy> = {
  shape: { type: 'one-of', choices: [listed.shape, detailed.shape] },
  read(node, at) {
    if (node.kind === 'sequence') return listed.read(node, at);
    if (node.kind === 'mapping') return detailed.read(node, at);
    const message = `${locationOf(at)} has to be either an array of conditions or a hash`;
    return say(at, node.span, message, { hint: 'Write a list, such as `only: [main]`.' });
  },
};

function policyOf(
  values: { readonly [K in keyof PolicyKeys]?: PolicyKeys[K] },
  at: Position,
  node: Node,
): ParsedPolicy | undefined {
  if (node.kind === 'mapping' && node.entries.size === 0) return complain(at, node.span, "can't be blank");
  return {
    refs: values.refs ?? null,
    variables: values.variables ?? null,
    changes: values.changes ?? null,
    kubernetes: values.kubernetes === 'active',
  };
}
