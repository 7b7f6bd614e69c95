import { hasErrors, type Problem } from '../../base/problem.ts';
import type { PipelineContext } from '../context.ts';
import { type MappingNode, type Node, problemAt } from '../document/index.ts';
import type { SourceFile, Sources } from '../sources.ts';
import { readRoot } from './entries/root.ts';
import { resolveExtends } from './extends.ts';
import {
  expandIncludes,
  type IncludedFile,
  type IncludeReading,
  withHeaders,
} from './include/expand-includes.ts';
import type { Origin } from './include/origin.ts';
import type { BlockScope } from './inputs/block.ts';
import { nodeOf } from './inputs/plain-values.ts';
import { contentOf, parseFile } from './load-file.ts';
import { maskOf } from './mask.ts';
import { checkMergedSize } from './merged-size.ts';
import type { ParsedConfig } from './parsed.ts';
import { createPathQuestions } from './path-questions.ts';
import { resolveReferences } from './references.ts';
import type { RuleScope } from './rules.ts';
import { NO_VARIABLES, sharedVariables, variableScope } from './variables.ts';

export interface ConfigRequest {
  readonly sources: Sources;
  /** The pipeline file, from the project's root. */
  readonly file: string;
  readonly context: PipelineContext;
}

export interface ConfigReading {
  /** null when something is wrong: then `problems` holds at least one error. */
  readonly config: ParsedConfig | null;
  /** The configuration after include, extends and references, as far as reading came. */
  readonly merged: MappingNode | null;
  /** Merging came to its end: `merged` is all of the configuration, though its keywords may be wrong. */
  readonly isMerged: boolean;
  readonly includes: readonly IncludedFile[];
  readonly problems: readonly Problem[];
}

/**
 * Reads a pipeline file in GitLab's order: load, put inputs in, include, extend, resolve references, check the shape
 * of every keyword. What a person wrote wrong is in `problems`; it stops after the first of these steps with an error,
 * so that one fault is not reported as many.
 */
export async function readConfig(request: ConfigRequest): Promise<ConfigReading> {
  const { sources, file, context } = request;
  const problems: Problem[] = [];
  const includes: IncludedFile[] = [];
  const scope = scopeBeforePipeline(request);
  const reading: IncludeReading = {
    sources,
    scope,
    changedFiles: context.changedFiles,
    mask: maskOf(context),
    parsed: (name, text) => parseFile({ name, text }),
    variable: variableBeforePipeline(context),
    problems,
    includes,
    tally: { followed: 0 },
    loading: new Map(),
  };
  const stopped = (merged: MappingNode | null): ConfigReading => {
    return { config: null, merged, isMerged: false, includes, problems };
  };
  const origin: Origin = { key: '', tree: sources, prefix: '', project: null, scope, component: null };
  const loaded = await sources.readFile(file);
  const content = loaded.kind === 'text' ? await contentOfRoot(request, loaded.text, reading, origin) : null;
  if (loaded.kind !== 'text') problems.push(unreadable(file, loaded));
  if (content === null || hasErrors(problems)) return stopped(content);

  const included = await expandIncludes(reading, content, {
    origin,
    way: [{ key: file, name: file }],
  });
  if (hasErrors(problems)) return stopped(included);
  const extended = resolveExtends(included, problems);
  if (hasErrors(problems)) return stopped(extended);
  const merged = resolveReferences(extended, problems);
  if (!hasErrors(problems)) checkMergedSize(merged, problems);
  if (hasErrors(problems)) return stopped(merged);
  const found: Problem[] = [];
  const config = readRoot(merged, found);
  problems.push(...inFileOrder(found));
  return { config: hasErrors(problems) ? null : config, merged, isMerged: true, includes, problems };
}

/** Keywords are read one kind after the other; people read from top to bottom. */
function inFileOrder(problems: readonly Problem[]): readonly Problem[] {
  const byFile = Map.groupBy(problems, ({ place }) => place?.file);
  return [...byFile.values()].flatMap((group) =>
    group.toSorted((a, b) => lineOf(a) - lineOf(b) || columnOf(a) - columnOf(b)),
  );
}

function lineOf({ place }: Problem): number {
  return place?.line ?? 0;
}

function columnOf({ place }: Problem): number {
  return place?.column ?? 0;
}

async function contentOfRoot(
  request: ConfigRequest,
  text: string,
  reading: IncludeReading,
  origin: Origin,
): Promise<MappingNode | null> {
  const { file, context } = request;
  const source = { name: file, text };
  if (text.trim() === '') {
    reading.problems.push(
      problemAt(
        { file: source, start: 0, end: 0 },
        { code: 'empty-file', message: `Please provide content of ${file}` },
      ),
    );
    return null;
  }
  const nowhere = { file: source, start: 0, end: 0 };
  const values = new Map<string, Node>();
  for (const [name, value] of Object.entries(context.inputs)) values.set(name, nodeOf(value, nowhere));
  const parsed = await withHeaders(reading, parseFile(source), origin);
  return contentOf(parsed, { values, span: null }, reading.variable, reading.problems);
}

function unreadable(file: string, loaded: Exclude<SourceFile, { kind: 'text' }>): Problem {
  const why = {
    absent: `There is no file ${file} in the project`,
    'too-large': `The file ${file} is too big to be a pipeline file${limitText(loaded)}`,
    'not-utf8': `The file ${file} is not UTF-8 text`,
  };
  const { line, column } = loaded.kind === 'not-utf8' ? loaded : { line: 1, column: 1 };
  const hint = loaded.kind === 'absent' ? 'Create it, or name another one with --file.' : null;
  const place = { file, line, column, endLine: line, endColumn: column };
  return {
    severity: 'error',
    code: 'file-unreadable',
    message: why[loaded.kind],
    place,
    excerpt: null,
    hint,
  };
}

/** ` (6000000 bytes, at most 5000000)` */
function limitText(file: SourceFile): string {
  return file.kind === 'too-large' ? ` (${file.bytes} bytes, at most ${file.limit})` : '';
}

function scopeBeforePipeline({ context, sources }: ConfigRequest): RuleScope {
  const scope = variableScope(sharedVariables(context, null), NO_VARIABLES, () => new Map());
  const paths = createPathQuestions(context.changedFiles, sources);
  return { ...scope, paths, projectPath: context.project.path };
}

function variableBeforePipeline(context: PipelineContext): BlockScope['variable'] {
  const { lookup } = variableScope(sharedVariables(context, null), NO_VARIABLES, () => new Map());
  return (name) => {
    const value = lookup(name);
    if (value === null) return null;
    const given = context.pipelineVariables[name] ?? context.projectVariables[name];
    return { value, masked: given?.masked ?? false };
  };
}
