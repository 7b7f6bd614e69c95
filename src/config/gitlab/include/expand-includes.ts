import { expandVariables } from '../../../base/expand-variables.ts';
import type { Place, Problem } from '../../../base/problem.ts';
import { type MappingEntry, type MappingNode, placeOf, problemAt, type Span } from '../../document/index.ts';
import type { BlockScope } from '../inputs/block.ts';
import { contentOf, type ParsedFile } from '../load-file.ts';
import { mergeLayers, withSteps } from '../merge.ts';
import { firstMatch } from '../rules.ts';
import { findFiles } from './find-files.ts';
import { type Fault, type Finding, type FoundFile, isFault } from './found-file.ts';
import { withHeaderIncludes } from './header-includes.ts';
import { type IncludeKind, type IncludeStatement, kindOfText, readIncludes } from './include-statement.ts';
import type { IncludedProject, Origin } from './origin.ts';

/** A file that the configuration takes in. */
export interface IncludedFile {
  readonly kind: IncludeKind;
  /** As the include has it: a path, an address, the name of a template or a component. */
  readonly location: string;
  /** What people are shown of it, which is what `place.file` of its problems says. */
  readonly name: string;
  /** The project and commit it is of; null for the pipeline's own, a remote file and a template. */
  readonly project: IncludedProject | null;
  /** The same of the file that includes it. */
  readonly fromProject: IncludedProject | null;
  /** The file that includes it, and where. */
  readonly from: string;
  readonly place: Place;
}

export interface IncludeReading extends Omit<Finding, 'origin'> {
  readonly variable: BlockScope['variable'];
  readonly problems: Problem[];
  readonly includes: IncludedFile[];
  /** How many includes were followed, or could not be. */
  readonly tally: { followed: number };
  /** Files by their key: each is loaded once, however often it is included. */
  readonly loading: Map<string, Promise<ParsedFile | Fault>>;
}

/** Where the walk is: in which file, and what led there. */
export interface Standpoint {
  readonly origin: Origin;
  /** The files that led here, to catch one that includes itself. */
  readonly way: readonly Pick<FoundFile, 'key' | 'name'>[];
}

const MAX_INCLUDES = 150;

/**
 * Replaces `include` by what it names, and by what that includes in turn: a later include is merged over an earlier
 * one, the including file over all of them.
 */
export async function expandIncludes(
  reading: IncludeReading,
  content: MappingNode,
  standpoint: Standpoint,
): Promise<MappingNode> {
  const include = content.entries.get('include');
  if (include === undefined) return content;
  const statements = readIncludes(include.value, reading.problems).map((statement) =>
    withKind(statement, standpoint.origin),
  );
  const own = withoutInclude(content);
  readAhead(reading, statements, standpoint);
  const layers: MappingNode[] = [];
  for (const statement of statements)
    layers.push(...(await includedContents(reading, statement, standpoint)));
  return mergeLayers([...layers, own], own.span);
}

/** The address behind `include: $ADDRESS` shows only when its variables are put in. */
function withKind(statement: IncludeStatement, { scope }: Origin): IncludeStatement {
  if (!statement.isText || !statement.location.includes('$')) return statement;
  return {
    ...statement,
    kind: kindOfText(expandVariables(statement.location, scope.lookupExpanded, 'empty')),
  };
}

/** Starts to read the files that are wanted whatever comes, so that they are not waited for one by one. */
function readAhead(
  reading: IncludeReading,
  statements: readonly IncludeStatement[],
  { origin }: Standpoint,
): void {
  const wanted = statements.filter(({ rules }) => rules === null).slice(0, MAX_INCLUDES);
  if (wanted.length < 2) return;
  const reads = wanted.map(async (statement) => {
    const found = await findFiles({ ...reading, origin }, statement);
    await Promise.all(
      found.slice(0, MAX_INCLUDES).map((file) => (isFault(file) ? null : load(reading, file))),
    );
  });
  // Whoever comes to such a file waits for it again, and hears when it cannot be read.
  void Promise.allSettled(reads);
}

async function includedContents(
  reading: IncludeReading,
  statement: IncludeStatement,
  standpoint: Standpoint,
): Promise<readonly MappingNode[]> {
  const { origin } = standpoint;
  if (!(await isWanted(reading, statement, origin))) return [];
  const found = await findFiles({ ...reading, origin }, statement);
  // One more than allowed is enough to find that there are too many.
  const files = found.slice(0, MAX_INCLUDES + 1 - reading.tally.followed);
  const loading = files.map((file) => (isFault(file) ? file : load(reading, file)));
  const contents: MappingNode[] = [];
  for (const [index, file] of files.entries()) {
    if (!isAllowed(reading, statement.span)) return contents;
    if (isFault(file)) {
      report(reading, statement.span, file);
      continue;
    }
    if (!note(reading, statement, file, standpoint)) return contents;
    const loaded = await loading[index];
    const content =
      loaded === undefined ? null : await contentFrom(reading, statement, file, loaded, standpoint);
    if (content !== null) contents.push(content);
  }
  return contents;
}

async function contentFrom(
  reading: IncludeReading,
  statement: IncludeStatement,
  { key, name, origin }: FoundFile,
  loaded: ParsedFile | Fault,
  { way }: Standpoint,
): Promise<MappingNode | null> {
  if (isFault(loaded)) {
    report(reading, statement.span, loaded);
    return null;
  }
  const given = { values: statement.inputs, span: statement.span, component: origin.component };
  const file = await withHeaders(reading, loaded, origin);
  const content = contentOf(file, given, reading.variable, reading.problems);
  if (content === null) return null;
  const expanded = await expandIncludes(reading, content, { origin, way: [...way, { key, name }] });
  return withSteps(expanded, [{ kind: 'include', name, span: statement.span }]);
}

async function isWanted(
  reading: IncludeReading,
  { rules, span }: IncludeStatement,
  { scope }: Origin,
): Promise<boolean> {
  if (rules === null) return true;
  const { rule, fault } = await firstMatch(rules, scope);
  if (fault !== null) {
    const message = `Failed to parse rule for include: ${fault}`;
    report(reading, span, { code: 'rule-fault', message, hint: null });
  }
  return rule !== null && rule.when !== 'never';
}

function load(reading: IncludeReading, file: FoundFile): Promise<ParsedFile | Fault> {
  const known = reading.loading.get(file.key);
  if (known !== undefined) return known;
  const loading = file.load();
  reading.loading.set(file.key, loading);
  // Who awaits it hears of its failure; one that nobody comes to must not end the process.
  loading.catch(() => undefined);
  return loading;
}

/** A file with the inputs that its header takes from other files. */
export function withHeaders(reading: IncludeReading, file: ParsedFile, origin: Origin): Promise<ParsedFile> {
  return withHeaderIncludes({ ...reading, origin, isAllowed: (span) => isAllowed(reading, span) }, file);
}

/** Counts the include, and refuses one too many. */
function isAllowed(reading: IncludeReading, span: Span): boolean {
  reading.tally.followed++;
  if (reading.tally.followed <= MAX_INCLUDES) return true;
  const message = `Maximum of ${MAX_INCLUDES} nested includes are allowed!`;
  // Every further include would say the same.
  if (!reading.problems.some((problem) => problem.code === 'too-many-includes')) {
    report(reading, span, { code: 'too-many-includes', message, hint: null });
  }
  return false;
}

/** Notes the include, and refuses one that leads to itself. */
function note(
  reading: IncludeReading,
  { kind, span, inputs }: IncludeStatement,
  { key, name, location, origin }: FoundFile,
  { origin: from, way }: Standpoint,
): boolean {
  reading.includes.push({
    kind,
    location,
    name,
    project: origin.project,
    fromProject: from.project,
    from: way.at(-1)?.name ?? span.file.name,
    place: placeOf(span),
  });
  const before = inputs.size > 0 ? -1 : way.findIndex((file) => file.key === key);
  if (before === -1) return true;
  const circle = [...way.slice(before).map((file) => file.name), name].join(' includes ');
  report(reading, span, {
    code: 'include-cycle',
    message: `The file \`${name}\` includes itself`,
    hint: `${circle}.`,
  });
  return false;
}

function withoutInclude(content: MappingNode): MappingNode {
  const entries = new Map<string, MappingEntry>(content.entries);
  entries.delete('include');
  return { ...content, entries };
}

function report(reading: IncludeReading, span: Span, { code, message, hint }: Fault): void {
  reading.problems.push(problemAt(span, { code, message, hint }));
}
