import type { Problem } from '../../base/problem.ts';
import {
  type MappingNode,
  type Node,
  parseDocuments,
  problemAt,
  type SourceText,
  type Span,
} from '../document/index.ts';
import type { BlockScope } from './inputs/block.ts';
import { isHeader, readHeader } from './inputs/header.ts';
import type { InputSpec } from './inputs/input-spec.ts';
import { resolveInputs } from './inputs/input-values.ts';
import { interpolate } from './inputs/interpolate.ts';

/** A file's YAML, parsed once however often it is included. */
export interface ParsedFile {
  readonly source: SourceText;
  /** null: there is nothing to read, the problems say why. */
  readonly content: Node | null;
  /** The inputs it declares; null: it has no header, so nothing in it is interpolated. */
  readonly inputs: ReadonlyMap<string, InputSpec> | null;
  readonly problems: readonly Problem[];
}

/** Parses a file and reads its header, if the first of its documents is one. */
export function parseFile(source: SourceText): ParsedFile {
  const parsed = parseDocuments(source);
  const problems = [...parsed.problems];
  if (problems.some(isError)) return { source, content: null, inputs: null, problems };
  const [first, second, third] = parsed.documents.filter((document) => !isBlank(document));
  if (third !== undefined) {
    problems.push(
      problemAt(third.span, { code: 'yaml-documents', message: 'The parsed YAML has too many documents' }),
    );
  }
  if (!isHeader(first)) {
    if (second !== undefined) problems.push(ignoredDocument(second));
    return { source, content: first ?? null, inputs: null, problems };
  }
  const inputs = readHeader(first, problems);
  return { source, content: second ?? emptyMapping(first.span), inputs, problems };
}

export interface FileInputs {
  readonly values: ReadonlyMap<string, Node>;
  /** The include that gave them; null for the file the pipeline starts from. */
  readonly span: Span | null;
}

/** The root mapping of a parsed file with its inputs put in; null when there is none, the problems say why. */
export function contentOf(
  file: ParsedFile,
  given: FileInputs,
  variable: BlockScope['variable'],
  problems: Problem[],
): MappingNode | null {
  problems.push(...file.problems);
  if (file.problems.some(isError)) return null;
  const { content, source } = file;
  if (content?.kind !== 'mapping') {
    const span = content?.span ?? { file: source, start: 0, end: 0 };
    const message =
      given.span === null
        ? 'Invalid configuration format'
        : `Included file \`${source.name}\`: Invalid configuration format`;
    problems.push(
      problemAt(span, {
        code: 'invalid-format',
        message,
        hint: 'A pipeline file is a mapping of keys to values.',
      }),
    );
    return null;
  }
  const prefix = given.span === null ? '' : `\`${source.name}\`: `;
  if (file.inputs === null) return withoutInputs(content, given, problems);
  const inputs = resolveInputs(file.inputs, { ...given, prefix }, problems);
  if (inputs === null || !source.text.includes('$[[')) return inputs === null ? null : content;
  return interpolate(content, { inputs, variable, problems, prefix });
}

function withoutInputs(content: MappingNode, given: FileInputs, problems: Problem[]): MappingNode | null {
  if (given.values.size === 0) return content;
  const message =
    given.span === null
      ? 'Given inputs not defined in the `spec` section of the configuration file'
      : 'Given inputs not defined in the `spec` section of the included configuration file';
  problems.push(
    problemAt(given.span ?? content.span, {
      code: 'input-unknown',
      message,
      hint: 'Declare them in the file: `spec: {inputs: {…}}`, then a line `---`.',
    }),
  );
  return null;
}

/** GitLab reads the first document and drops the second without a word. */
function ignoredDocument(document: Node): Problem {
  return problemAt(document.span, {
    code: 'yaml-documents',
    severity: 'warning',
    message: 'Only the first document of the file is read; this one is ignored',
    hint: 'A file has two documents only when the first is a header (`spec:`).',
  });
}

function emptyMapping(span: Span): MappingNode {
  return { kind: 'mapping', entries: new Map(), span };
}

function isBlank(document: Node): boolean {
  return document.kind === 'scalar' && document.value === null && document.source === '';
}

function isError(problem: Problem): boolean {
  return problem.severity === 'error';
}
