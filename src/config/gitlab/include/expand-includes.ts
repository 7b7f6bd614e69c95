import { posix } from 'node:path';
import { expandVariables } from '../../../base/expand-variables.ts';
import { compileGlob } from '../../../base/glob.ts';
import type { Place, Problem } from '../../../base/problem.ts';
import { type MappingEntry, type MappingNode, placeOf, problemAt, type Span } from '../../document/index.ts';
import type { SourceFile, Sources } from '../../sources.ts';
import type { BlockScope } from '../inputs/block.ts';
import { contentOf, type ParsedFile, parseFile } from '../load-file.ts';
import { mergeLayers, withSteps } from '../merge.ts';
import { firstMatch, type RuleScope } from '../rules.ts';
import { type IncludeKind, type IncludeStatement, readIncludes } from './include-statement.ts';

/** A file that the configuration takes in. */
export interface IncludedFile {
  readonly kind: IncludeKind;
  readonly location: string;
  /** The file that includes it, and where. */
  readonly from: string;
  readonly place: Place;
}

export interface IncludeReading {
  readonly sources: Sources;
  /** What `include:rules` and paths see: variables that exist before the pipeline does, no YAML ones. */
  readonly scope: RuleScope;
  readonly variable: BlockScope['variable'];
  readonly problems: Problem[];
  readonly includes: IncludedFile[];
  /** Parsed files by path. */
  readonly files: Map<string, Promise<ParsedFile | SourceFile>>;
}

const MAX_INCLUDES = 150;

/**
 * Replaces `include` by what it names, and by what that includes in turn: a later include is merged over an earlier
 * one, the including file over all of them. `way` lists the files that led here, to catch one that includes itself.
 */
export async function expandIncludes(
  reading: IncludeReading,
  content: MappingNode,
  way: readonly string[],
): Promise<MappingNode> {
  const include = content.entries.get('include');
  if (include === undefined) return content;
  const statements = readIncludes(include.value, reading.problems);
  const own = withoutInclude(content);
  readAhead(reading, statements);
  const layers: MappingNode[] = [];
  for (const statement of statements) layers.push(...(await includedContents(reading, statement, way)));
  return mergeLayers([...layers, own], own.span);
}

/** Starts to read the files that are wanted whatever comes, so that they are not waited for one by one. */
function readAhead(reading: IncludeReading, statements: readonly IncludeStatement[]): void {
  const paths = statements.flatMap(({ kind, rules, location }) => {
    const isPlain = kind === 'local' && rules === null && /^[\w./-]+\.ya?ml$/.test(location);
    return isPlain ? (pathInProject(location) ?? []) : [];
  });
  // Whoever comes to such a file waits for it again, and hears when it cannot be read.
  void Promise.allSettled(paths.slice(0, MAX_INCLUDES).map((path) => loadLocal(reading, path)));
}

async function includedContents(
  reading: IncludeReading,
  statement: IncludeStatement,
  way: readonly string[],
): Promise<readonly MappingNode[]> {
  if (!(await isWanted(reading, statement))) return [];
  if (statement.kind !== 'local') {
    report(reading, statement.span, 'include-not-available', notAvailable(statement), HINT_NOT_AVAILABLE);
    return [];
  }
  const location = expandVariables(statement.location, reading.scope.lookupExpanded, 'empty');
  const found = await localPaths(reading, statement, location);
  // One more than allowed is enough to find that there are too many.
  const paths = found.slice(0, MAX_INCLUDES + 1 - reading.includes.length);
  const loading = paths.map((path) => loadLocal(reading, path));
  const contents: MappingNode[] = [];
  for (const [index, path] of paths.entries()) {
    if (!count(reading, statement, path, way)) return contents;
    const file = await loading[index];
    const content = file === undefined ? null : await readLocal(reading, statement, path, file, way);
    if (content !== null) contents.push(content);
  }
  return contents;
}

async function readLocal(
  reading: IncludeReading,
  statement: IncludeStatement,
  path: string,
  file: ParsedFile | SourceFile,
  way: readonly string[],
): Promise<MappingNode | null> {
  if (!('source' in file)) {
    const message = missingMessage(path, file);
    report(reading, statement.span, 'include-unreadable', message, null);
    return null;
  }
  const given = { values: statement.inputs, span: statement.span };
  const content = contentOf(file, given, reading.variable, reading.problems);
  if (content === null) return null;
  const expanded = await expandIncludes(reading, content, [...way, path]);
  return withSteps(expanded, [{ kind: 'include', name: path, span: statement.span }]);
}

async function isWanted(reading: IncludeReading, { rules, span }: IncludeStatement): Promise<boolean> {
  if (rules === null) return true;
  const { rule, fault } = await firstMatch(rules, reading.scope);
  if (fault !== null) report(reading, span, 'rule-fault', `Failed to parse rule for include: ${fault}`, null);
  return rule !== null && rule.when !== 'never';
}

/** The files a local include names: one path, or all that a wildcard matches, sorted. */
async function localPaths(
  reading: IncludeReading,
  { span }: IncludeStatement,
  location: string,
): Promise<readonly string[]> {
  if (!/\.ya?ml$/.test(location)) {
    const message = `Included file \`${location}\` does not have YAML extension!`;
    report(reading, span, 'invalid-include', message, 'The name must end with .yml or .yaml.');
    return [];
  }
  const path = pathInProject(location);
  if (path === null) {
    const message = `Local file \`${location}\` does not exist!`;
    report(reading, span, 'include-unreadable', message, 'A path never leaves the project.');
    return [];
  }
  if (!path.includes('*')) return [path];
  const glob = compileGlob(path);
  const files = await reading.sources.listFiles();
  return files.filter((file) => glob.matches(file));
}

/** null when it leads out of the project. */
function pathInProject(location: string): string | null {
  const path = posix.normalize(location).replace(/^\/+/, '');
  return path.startsWith('../') ? null : path;
}

function loadLocal(reading: IncludeReading, path: string): Promise<ParsedFile | SourceFile> {
  const known = reading.files.get(path);
  if (known !== undefined) return known;
  const loading = reading.sources.readFile(path).then((file) => {
    if (file.kind !== 'text' || file.text.trim() === '') return file;
    return parseFile({ name: path, text: file.text });
  });
  reading.files.set(path, loading);
  return loading;
}

function missingMessage(path: string, file: SourceFile): string {
  switch (file.kind) {
    case 'absent':
      return `Local file \`${path}\` does not exist!`;
    case 'text':
      return `Local file \`${path}\` is empty!`;
    case 'not-utf8':
      return `Local file \`${path}\` is not UTF-8 text (line ${file.line}, column ${file.column})`;
    case 'too-large':
      return `Local file \`${path}\` is too big (${file.bytes} bytes, at most ${file.limit})`;
  }
}

/** Notes the include, and refuses one too many and one that leads to itself. */
function count(
  reading: IncludeReading,
  { span, inputs }: IncludeStatement,
  path: string,
  way: readonly string[],
): boolean {
  if (reading.includes.length >= MAX_INCLUDES) {
    const message = `Maximum of ${MAX_INCLUDES} nested includes are allowed!`;
    // Every further include would say the same.
    if (!reading.problems.some((problem) => problem.code === 'too-many-includes')) {
      report(reading, span, 'too-many-includes', message, null);
    }
    return false;
  }
  const from = way.at(-1) ?? span.file.name;
  reading.includes.push({ kind: 'local', location: path, from, place: placeOf(span) });
  if (inputs.size > 0 || !way.includes(path)) return true;
  const circle = [...way.slice(way.indexOf(path)), path].join(' includes ');
  report(reading, span, 'include-cycle', `The file \`${path}\` includes itself`, `${circle}.`);
  return false;
}

function notAvailable({ kind, location }: IncludeStatement): string {
  return `\`include: ${kind}\` is not available in a local run yet: ${location}`;
}

const HINT_NOT_AVAILABLE =
  'Copy the file into the project and include it with `local`, or put `rules` on this include.';

function withoutInclude(content: MappingNode): MappingNode {
  const entries = new Map<string, MappingEntry>(content.entries);
  entries.delete('include');
  return { ...content, entries };
}

function report(
  reading: IncludeReading,
  span: Span,
  code: string,
  message: string,
  hint: string | null,
): void {
  reading.problems.push(problemAt(span, { code, message, hint }));
}
