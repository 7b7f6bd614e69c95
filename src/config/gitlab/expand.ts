import type { Place } from '../../base/problem.ts';
import type { Json } from '../../pipeline/index.ts';
import type { PipelineContext } from '../context.ts';
import {
  type MappingEntry,
  type MappingNode,
  type Node,
  placeOf,
  printYaml,
  printYamlLines,
  type Span,
  toJson,
  type Via,
} from '../document/index.ts';
import type { PipelineReading } from '../reading.ts';
import { maskJson, maskNode, maskOf } from './mask.ts';

/** A configuration after include, extends and !reference, without the values of secret variables. */
export interface ExpandedConfig {
  /** Reads back to the same configuration. */
  yaml(): string;
  /** The same text line by line, each with its origin. */
  lines(): readonly ExpandedLine[];
  json(): Json;
  /** Of every value its place and the steps from there, by its JSON pointer (`/build/script/0`). */
  origins(): Json;
}

export interface ExpandedLine {
  readonly text: string;
  /** The text of a `|` block that the line opens; no comment can stand there. */
  readonly block: readonly string[];
  readonly place: Place;
  /** How it came from there, the nearest step first: `extends .base`. Includes are told by the place's file. */
  readonly steps: readonly string[];
}

/**
 * The whole configuration of a reading, or one of its jobs or templates. `extends` has been carried out and is gone;
 * templates stay. One job has the defaults that it takes; of a parallel one each name is known. null when reading did
 * not come to a merged configuration, or has no such job.
 */
export function expandConfig(
  { files, details }: Pick<PipelineReading, 'files' | 'details'>,
  context: PipelineContext,
  jobName: string | null = null,
): ExpandedConfig | null {
  if (files === null || files.merged === null || !files.isMerged) return null;
  const root = jobName === null ? files.merged : oneJob(files.merged, details, jobName);
  if (root === null) return null;
  const { masked, mask } = withoutSecrets(tidied(root), context);
  return {
    yaml: () => printYaml(masked),
    lines: () =>
      printYamlLines(masked).map(({ text, block, span, via }) => {
        const place = placeOf(span);
        return { text, block, place: { ...place, file: mask(place.file) }, steps: stepsOf(via).map(mask) };
      }),
    json: () => toJson(masked),
    origins: () => maskJson(originsOf(masked), mask),
  };
}

/** Of every value of a tree its place and the steps from there, by its JSON pointer. */
export function originsOf(root: MappingNode): Json {
  const origins: Record<string, Json> = {};

  function add(pointer: string, span: Span, via: readonly Via[], value: Node): void {
    const { file, line, column } = placeOf(span);
    origins[pointer] = { file, line, column, steps: stepsOf(via) };
    addAll(pointer, value, via);
  }

  function addAll(pointer: string, node: Node, outer: readonly Via[]): void {
    if (node.kind === 'sequence') {
      for (const [index, item] of node.items.entries()) add(`${pointer}/${index}`, item.span, outer, item);
    }
    if (node.kind !== 'mapping') return;
    for (const [name, { key, value, via }] of node.entries) {
      add(`${pointer}/${pointerPart(name)}`, key.span, [...via, ...outer], value);
    }
  }

  addAll('', root, []);
  return origins;
}

function pointerPart(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

function oneJob(
  merged: MappingNode,
  details: PipelineReading['details'],
  jobName: string,
): MappingNode | null {
  const job = details?.seeding.index.byName.get(jobName)?.job ?? null;
  const name = job?.name ?? jobName;
  const entry = merged.entries.get(name);
  if (entry?.value.kind !== 'mapping') return null;
  const parsed = job ?? details?.seeding.config.jobs.find((candidate) => candidate.name === name);
  // The way of a whole job is in the way of each of its keys already.
  const only = parsed === undefined ? entry : { ...entry, value: parsed.source, via: [] };
  return { kind: 'mapping', entries: new Map([[name, only]]), span: merged.span };
}

/** What is at the root, with nothing left that has been carried out. */
function tidied(root: MappingNode): MappingNode {
  const entries = new Map<string, MappingEntry>();
  for (const [name, entry] of root.entries) {
    const { value } = entry;
    const isPlain = value.kind !== 'mapping' || name === 'variables';
    entries.set(name, isPlain ? entry : { ...entry, value: tidiedJob(value) });
  }
  return { ...root, entries };
}

/** Lists that references put into a script or rules become a part of it, as they do when the job is read. */
function tidiedJob(job: MappingNode): MappingNode {
  const entries = new Map(job.entries);
  const extended = entries.get('extends')?.value;
  if (extended?.kind === 'sequence' || (extended?.kind === 'scalar' && extended.value !== null)) {
    entries.delete('extends');
  }
  for (const key of NESTED_LISTS) {
    const entry = entries.get(key);
    if (entry?.value.kind !== 'sequence') continue;
    const items = entry.value.items.flatMap(flattened);
    entries.set(key, { ...entry, value: { ...entry.value, items } });
  }
  return { ...job, entries };
}

const NESTED_LISTS = ['script', 'before_script', 'after_script', 'rules'] as const;

/** Lists in lists of lists, which nobody means, stay as they are: there may be too many of them. */
function flattened(item: Node): readonly Node[] {
  if (item.kind !== 'sequence' || item.items.length === 0) return [item];
  return item.items.some((inner) => inner.kind === 'sequence') ? [item] : item.items;
}

function withoutSecrets(root: MappingNode, context: PipelineContext) {
  const mask = maskOf(context);
  return { masked: maskNode(root, mask), mask };
}

function stepsOf(via: readonly Via[]): readonly string[] {
  return via.flatMap(({ kind, name }) =>
    kind === 'include' ? [] : name === kind ? kind : `${kind} ${name}`,
  );
}
