import type { Problem } from '../../../base/problem.ts';
import { type Node, problemAt, type Span } from '../../document/index.ts';
import { childOf, rootPosition } from '../entries/entry.ts';
import { type InputSpec, readInputSpecs } from '../inputs/input-spec.ts';
import type { ParsedFile } from '../load-file.ts';
import { findFiles } from './find-files.ts';
import { type Fault, type Finding, fault, isFault } from './found-file.ts';
import { type IncludeStatement, readIncludes } from './include-statement.ts';

/** What header includes are read with; a part of what other includes are. */
export interface HeaderReading extends Finding {
  /** Counts the include; false: there are too many, which has been reported. */
  readonly isAllowed: (span: Span) => boolean;
}

const MAX_ALIKE = 10;

/**
 * A file with the inputs that its header takes from other files (`spec:include`) among its own. Such a file holds
 * nothing but `inputs`, is of this or another project or at an address, and no input may be declared twice. A component
 * cannot do it: whoever uses one sees all its inputs in one place. What is wrong is among the problems of the answer.
 */
export async function withHeaderIncludes(reading: HeaderReading, file: ParsedFile): Promise<ParsedFile> {
  const { header, source } = file;
  if (header === null || header.include === null) return file;
  const problems: Problem[] = [...file.problems];
  if (reading.origin.component !== null) {
    const message = `Component \`${source.name}\` cannot use \`spec:include\`. This keyword is not supported in components`;
    problems.push(problemAt(header.include.span, { code: 'invalid-include', message }));
    return { ...file, problems };
  }
  const inputs = new Map<string, InputSpec>();
  const twice = new Map<string, Span>();
  const add = (specs: ReadonlyMap<string, InputSpec>, span: Span | null) => {
    for (const [name, spec] of specs) {
      if (inputs.has(name)) twice.set(name, span ?? spec.key.span);
      inputs.set(name, spec);
    }
  };
  for (const statement of readIncludes(header.include, problems)) {
    if (!reading.isAllowed(statement.span)) break;
    for (const specs of await specsOf(reading, statement, problems)) add(specs, statement.span);
  }
  add(header.inputs, null);
  const [span] = twice.values();
  if (span !== undefined) {
    const names = [...twice.keys()].slice(0, MAX_ALIKE).join(', ');
    const message = `Duplicate input keys found: ${names}. Input keys must be unique across all included files and inline specifications.`;
    problems.push(problemAt(span, { code: 'invalid-include', message }));
  }
  return { ...file, header: { ...header, inputs, include: null }, problems };
}

async function specsOf(
  reading: HeaderReading,
  statement: IncludeStatement,
  problems: Problem[],
): Promise<readonly ReadonlyMap<string, InputSpec>[]> {
  const found = isHeaderKind(statement) ? await findFiles(reading, statement) : [wrongKind(statement)];
  const specs: ReadonlyMap<string, InputSpec>[] = [];
  for (const file of found) {
    const loaded = isFault(file) ? file : await file.load();
    if (isFault(loaded)) {
      const { code, message, hint } = loaded;
      problems.push(problemAt(statement.span, { code, message, hint }));
      continue;
    }
    problems.push(...loaded.problems);
    if (loaded.content !== null) specs.push(inputsIn(loaded.content, loaded.source.name, problems));
  }
  return specs;
}

function isHeaderKind({ kind, rules, inputs }: IncludeStatement): boolean {
  const isKnown = kind === 'local' || kind === 'remote' || kind === 'project';
  return isKnown && rules === null && inputs.size === 0;
}

function wrongKind({ kind, rules }: IncludeStatement): Fault {
  if (rules !== null) return fault('invalid-include', 'header include config contains unknown keys: rules');
  return fault(
    'invalid-include',
    `Header include does not take \`${kind}\` or inputs. Valid subkeys are: \`local\`, \`remote\`, \`project\``,
  );
}

/** The content of such a file is what stands below `spec` elsewhere, and of that only `inputs`. */
function inputsIn(content: Node, name: string, problems: Problem[]): ReadonlyMap<string, InputSpec> {
  if (content.kind !== 'mapping') {
    const message = `Included file \`${name}\`: Invalid configuration format`;
    problems.push(problemAt(content.span, { code: 'invalid-format', message }));
    return new Map();
  }
  const unknown = [...content.entries].filter(([key]) => key !== 'inputs');
  const [first] = unknown;
  if (first !== undefined) {
    const keys = unknown.map(([key]) => key).join(', ');
    const message = `Header include file \`${name}\` contains unknown keys: ${keys}`;
    problems.push(problemAt(first[1].key.span, { code: 'invalid-include', message }));
  }
  const inputs = content.entries.get('inputs')?.value;
  if (inputs?.kind !== 'mapping') return new Map();
  const spec = childOf(childOf(rootPosition(problems), 'header'), 'spec');
  return readInputSpecs(inputs, childOf(spec, 'inputs'));
}
