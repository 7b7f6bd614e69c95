import type { Problem } from '../../base/problem.ts';
import {
  type MappingNode,
  type Node,
  parseDocuments,
  problemAt,
  type SourceText,
  type Span,
  scalarText,
} from '../document/index.ts';
import type { BlockScope } from './inputs/block.ts';
import { OPEN } from './inputs/find-blocks.ts';
import { type ComponentKey, type Header, isHeader, readHeader } from './inputs/header.ts';
import { resolveInputs } from './inputs/input-values.ts';
import { interpolate } from './inputs/interpolate.ts';
import { nodeOf } from './inputs/plain-values.ts';

/** A file's YAML, parsed once however often it is included. */
export interface ParsedFile {
  readonly source: SourceText;
  /** null: there is nothing to read, the problems say why. */
  readonly content: Node | null;
  /** What it declares; null: it has no header, so nothing in it is interpolated. */
  readonly header: Header | null;
  readonly problems: readonly Problem[];
}

/**
 * Parses a file and reads its header, if the first of its documents is one. GitLab looks at the first two documents, or
 * at three when nothing but a line `---` makes them three, and leaves out those that are blank. Of them the first counts,
 * or behind a header the last.
 */
export function parseFile(source: SourceText): ParsedFile {
  const parsed = parseDocuments(source);
  const problems = [...parsed.problems];
  if (problems.some(isError)) return { source, content: null, header: null, problems };
  const seen = parsed.documents.slice(0, startsWithDivider(source.text) ? 2 : 3);
  const documents = seen.filter((document) => !isBlank(document));
  const odd = documents.find((document) => document.kind !== 'mapping');
  if (odd !== undefined) return { source, content: odd, header: null, problems };
  const [first] = documents;
  const hasHeader = documents.length > 1 && isHeader(first);
  const content = hasHeader ? documents.at(-1) : first;
  const read = parsed.documents.filter(
    (document) => document === content || (hasHeader && document === first),
  );
  for (const document of parsed.documents) {
    if (!isBlank(document) && !read.includes(document)) problems.push(ignoredDocument(document));
  }
  return {
    source,
    content: content ?? emptyMapping({ file: source, start: 0, end: 0 }),
    header: hasHeader && isHeader(first) ? readHeader(first, problems) : null,
    problems,
  };
}

export interface FileInputs {
  readonly values: ReadonlyMap<string, Node>;
  /** The include that gave them; null for the file the pipeline starts from. */
  readonly span: Span | null;
  /** What `$[[ component.… ]]` stands for; null or left out: the file is no part of a component. */
  readonly component?: ComponentValues | null;
}

/** What is known of a component: null is not known, and fills in as nothing. */
export type ComponentValues = Readonly<Record<ComponentKey, string | null>>;

/** The root mapping of a parsed file with its inputs put in; null when there is none, the problems say why. */
export function contentOf(
  file: ParsedFile,
  given: FileInputs,
  variable: BlockScope['variable'],
  problems: Problem[],
): MappingNode | null {
  problems.push(...file.problems);
  if (file.problems.some(isError)) return null;
  const { content, source, header } = file;
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
  if (header === null) return withoutInputs(content, given, problems);
  const inputs = resolveInputs(header.inputs, { ...given, prefix }, problems);
  if (inputs === null || !source.text.includes(OPEN)) return inputs === null ? null : content;
  const component = componentOf(header, given.component ?? null, content.span);
  return interpolate(content, { inputs, component, variable, problems, prefix });
}

/** What the header asks for, where there is anything to know. */
function componentOf(
  { component }: Header,
  values: ComponentValues | null,
  span: Span,
): ReadonlyMap<string, Node> {
  if (values === null) return new Map();
  return new Map(component.map((key) => [key, nodeOf(values[key], span)] as const));
}

function withoutInputs(content: MappingNode, given: FileInputs, problems: Problem[]): MappingNode | null {
  if (given.values.size === 0) return content;
  problems.push(
    problemAt(given.span ?? content.span, {
      code: 'input-unknown',
      message: 'Given inputs not defined in the `spec` section of the included configuration file',
      hint: 'Declare them in the file: `spec: {inputs: {…}}`, then a line `---`.',
    }),
  );
  return null;
}

/** GitLab drops it without a word. */
function ignoredDocument(document: Node): Problem {
  return problemAt(document.span, {
    code: 'yaml-documents',
    severity: 'warning',
    message: 'This document of the file is ignored',
    hint: 'A file has one document, or two of which the first is a header (`spec:`).',
  });
}

/** Whether nothing but comments stands before the first line `---`. */
function startsWithDivider(text: string): boolean {
  for (const [line] of text.matchAll(/^.*$/gm)) {
    if (/^---(?:\s|$)/.test(line)) return true;
    if (!/^\s*(?:#|$)/.test(line)) return false;
  }
  return false;
}

function emptyMapping(span: Span): MappingNode {
  return { kind: 'mapping', entries: new Map(), span };
}

/** As Ruby has it: nothing, false, or nothing inside. */
function isBlank(document: Node): boolean {
  switch (document.kind) {
    case 'scalar':
      return document.value === null || document.value === false || scalarText(document).trim() === '';
    case 'sequence':
      return document.items.length === 0;
    case 'mapping':
      return document.entries.size === 0;
    default:
      return false;
  }
}

function isError(problem: Problem): boolean {
  return problem.severity === 'error';
}
