import { keyName } from './collect-names.ts';
import { definedNames, type Files, type FoundName, namesIn } from './find-names.ts';
import type { Occurrence } from './occurrence.ts';
import { entriesByName, lineage } from './root-entries.ts';

/** What a name stands for, wherever it is mentioned. */
export type Target =
  | { readonly kind: 'job' | 'stage' | 'variable' | 'key' | 'file'; readonly name: string }
  | { readonly kind: 'input'; readonly name: string; readonly path: string }
  | { readonly kind: 'anchor'; readonly name: string; readonly path: string; readonly start: number };

/** What the name at a place stands for. */
export function targetOf(files: Files, found: FoundName): Target {
  const { occurrence, file } = found;
  const { kind, name } = occurrence;
  switch (kind) {
    case 'job': {
      const known = definedNames(files, 'job');
      if (known.has(name)) return { kind, name };
      if (occurrence.of !== null && known.has(occurrence.of)) return { kind, name: occurrence.of };
      return definedNames(files, 'key').has(name) ? { kind: 'key', name } : { kind, name };
    }
    case 'input':
      return { kind, name, path: occurrence.of ?? file.path };
    case 'anchor':
      return { kind, name, path: file.path, start: anchorStart(found) };
    default:
      return { kind, name };
  }
}

/** Where the target is given its meaning. */
export function definitionsOf(files: Files, target: Target): readonly FoundName[] {
  if (target.kind !== 'key') return mentionsOf(files, target).filter(isDefinition);
  const own = [...namesIn(files, 'key', 'definition')].filter(
    ({ occurrence }) => occurrence.name === target.name,
  );
  return own.length > 0 ? own : inheritedKey(files, target.name);
}

/** Every mention of the target, its definitions included. */
export function mentionsOf(files: Files, target: Target): readonly FoundName[] {
  const found: FoundName[] = [];
  const known = target.kind === 'job' ? definedNames(files, 'job') : NONE;
  for (const one of namesIn(files, target.kind)) if (means(one, target, known)) found.push(one);
  return found;
}

const NONE: ReadonlySet<string> = new Set();

export function isDefinition({ occurrence }: FoundName): boolean {
  return occurrence.role === 'definition';
}

function means(found: FoundName, target: Target, knownJobs: ReadonlySet<string>): boolean {
  const { occurrence, file, range } = found;
  switch (target.kind) {
    case 'job':
      return jobName(occurrence, knownJobs) === target.name;
    case 'input':
      return occurrence.name === target.name && (occurrence.of ?? file.path) === target.path;
    case 'anchor':
      if (occurrence.name !== target.name || file.path !== target.path) return false;
      return (isDefinition(found) ? range.start : anchorStart(found)) === target.start;
    default:
      return occurrence.name === target.name;
  }
}

/** The name as it stands in the file, unless it is one that `parallel` made of another. */
function jobName({ name, of }: Occurrence, known: ReadonlySet<string>): string {
  return of !== null && !known.has(name) && known.has(of) ? of : name;
}

/** An alias means the nearest anchor of its name before it. */
function anchorStart({ file, occurrence, range }: FoundName): number {
  if (occurrence.role === 'definition') return range.start;
  let start = -1;
  for (const anchor of namesIn([file], 'anchor', 'definition')) {
    if (anchor.range.start > range.start) break;
    if (anchor.occurrence.name === occurrence.name) start = anchor.range.start;
  }
  return start;
}

/** A key that the job itself does not have, but one that it extends. */
function inheritedKey(files: Files, name: string): readonly FoundName[] {
  const [job = '', ...keys] = name.split('\0');
  const definitions = [...namesIn(files, 'key', 'definition')];
  for (const { key } of lineage(entriesByName(files), job)) {
    const path = keys.reduce(keyName, key.value);
    const found = definitions.filter(({ occurrence }) => occurrence.name === path);
    if (found.length > 0) return found;
  }
  return [];
}
