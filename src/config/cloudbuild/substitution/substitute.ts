import type { Problem } from '../../../base/problem.ts';
import { type Node, type ProblemDetails, problemAt, type Span } from '../../document/index.ts';
import type { PlacedText } from '../language/values.ts';
import { applyOperation } from './apply.ts';
import type { Work } from './glob.ts';
import { type Part, parseTemplate } from './parse.ts';

/** A substitution's value: as it is, or, from the file, a text that may name others. */
export type SubstitutionValue =
  | { readonly kind: 'plain'; readonly text: string }
  | { readonly kind: 'template'; readonly text: string; readonly node: Node };

export interface SubstitutionRequest {
  readonly values: ReadonlyMap<string, SubstitutionValue>;
  /** The names the service knows by itself; any other name without `_` is an error. */
  readonly builtIn: ReadonlySet<string>;
  readonly dynamic: boolean;
  /** What a name without a value is. */
  readonly missing: 'error' | 'warning';
  readonly problems: Problem[];
  /** Called when a name is first used. */
  readonly onUse?: (name: string, span: Span) => void;
}

export interface Substitution {
  /** A text of the file with its substitutions filled in; what is wrong is reported at it. */
  expand(placed: PlacedText): string;
  /** The value of a name, with others filled in; empty when it has none. */
  valueOf(name: string): string;
  readonly used: ReadonlySet<string>;
}

/** Of all filled in texts of a file together, in characters. */
const MAX_EXPANDED = 8 * 1024 * 1024;
/** Comparisons of patterns with values. */
const MAX_WORK = 20_000_000;
/** Words in operations in words. */
const MAX_NESTING = 20;

/** Fills in the substitutions of one build. Nothing throws, whatever the texts are, and the work is bounded. */
export function createSubstitution(request: SubstitutionRequest): Substitution {
  const { values, builtIn, dynamic, problems } = request;
  const used = new Set<string>();
  const known = new Map<string, string>();
  const open: string[] = [];
  const said = new Set<string>();
  const work: Work = { left: MAX_WORK };
  let length = 0;

  function report(once: string, span: Span, details: ProblemDetails): void {
    if (said.has(once)) return;
    said.add(once);
    problems.push(problemAt(span, details));
  }

  function expandText(text: string, node: Node, depth: number): string {
    if (!text.includes('$')) return text;
    if (depth > MAX_NESTING) {
      report('nesting', node.span, {
        code: 'substitution-too-large',
        message: 'Substitutions are nested too deeply',
      });
      return '';
    }
    const filled = parseTemplate(text, dynamic)
      .map((part) => expandPart(part, text, node, depth))
      .join('');
    length += filled.length;
    if (length <= MAX_EXPANDED && work.left >= 0) return filled;
    report('size', node.span, {
      code: 'substitution-too-large',
      message:
        work.left < 0
          ? 'The patterns of the substitutions take too long'
          : `The texts are too large once their substitutions are filled in: more than ${MAX_EXPANDED} characters`,
    });
    return '';
  }

  function expandPart(part: Part, text: string, node: Node, depth: number): string {
    if (part.kind === 'text') return part.text;
    if (length > MAX_EXPANDED || work.left < 0) return '';
    const span = spanIn(node, text, part);
    const { name } = part;
    if (part.kind === 'unknown') {
      report(`operation ${text.slice(part.start, part.end)}`, span, {
        code: 'substitution-operation',
        severity: 'warning',
        message: `${shortened(text.slice(part.start, part.end))} is no substitution: what stands behind ${name} is no known operation`,
        hint: `It stays as it is. Write \`$$\{${name}…}\` when a shell is meant to read it.`,
      });
      return text.slice(part.start, part.end);
    }
    if (!known.has(name) && !values.has(name) && !name.startsWith('_') && !builtIn.has(name)) {
      // A value may be meant for a shell: it is only looked into because operations are on.
      const inValue = open.length > 0;
      report(`name ${name}`, span, {
        code: 'substitution-not-built-in',
        severity: inValue ? 'warning' : 'error',
        message: `${name} is not a built-in substitution`,
        hint: `Write \`$$${name}\` for a variable of the step's shell; substitutions of your own start with \`_\`.`,
      });
      return inValue ? text.slice(part.start, part.end) : '';
    }
    const value = lookUp(name, span);
    if (part.operation === null) {
      if (value === null) reportMissing(name, span);
      return value ?? '';
    }
    if (value === null && part.operation.kind !== 'default') reportMissing(name, span);
    const result = applyOperation(value, part.operation, (word) => expandText(word, node, depth + 1), work);
    if ('text' in result) return result.text;
    report(`failed ${span.start}`, span, {
      code: 'substitution-failed',
      message: `${name}: ${shortened(result.fault)}`,
    });
    return '';
  }

  function lookUp(name: string, span: Span): string | null {
    if (!used.has(name)) {
      used.add(name);
      request.onUse?.(name, span);
    }
    const before = known.get(name);
    if (before !== undefined) return before;
    const value = values.get(name);
    if (value === undefined) return builtIn.has(name) ? '' : null;
    if (value.kind === 'plain' || !dynamic) return value.text;
    if (open.includes(name)) {
      const circle = [...open.slice(open.indexOf(name)), name].join(' -> ');
      report('circle', value.node.span, {
        code: 'substitution-circular',
        message: `Substitutions go in a circle: ${circle}`,
      });
      return '';
    }
    open.push(name);
    const text = expandText(value.text, value.node, 0);
    open.pop();
    known.set(name, text);
    return text;
  }

  function reportMissing(name: string, span: Span): void {
    report(`missing ${name}`, span, {
      code: 'substitution-without-value',
      severity: request.missing,
      message: `${name} has no value${request.missing === 'warning' ? ': nothing is filled in' : ''}`,
      hint: `Give it one in \`substitutions\`, or with \`--var ${name}=VALUE\`; a shell's variable is written \`$$${name}\`.`,
    });
  }

  return {
    used,
    expand: ({ text, node }) => expandText(text, node, 0),
    valueOf: (name) => lookUp(name, values.get(name)?.kind === 'template' ? nodeOf(name) : NOWHERE) ?? '',
  };

  function nodeOf(name: string): Span {
    const value = values.get(name);
    return value?.kind === 'template' ? value.node.span : NOWHERE;
  }
}

const NOWHERE: Span = { file: { name: '', text: '' }, start: 0, end: 0 };

/** Narrows to the part where the text stands in the file as it is, without escapes or folding. */
function spanIn({ span }: Node, text: string, part: { readonly start: number; readonly end: number }): Span {
  const offset = span.file.text.slice(span.start, span.end).indexOf(text);
  if (offset < 0) return span;
  const start = span.start + offset;
  return { file: span.file, start: start + part.start, end: start + part.end };
}

function shortened(text: string): string {
  return text.length <= 100 ? text : `${text.slice(0, 100)}…`;
}
