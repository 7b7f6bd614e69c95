import { compareSheets, type ValueChange } from './compare-values.ts';
import { findRenames } from './find-renames.ts';
import { type ComparedLine, compareLines } from './line-difference.ts';
import type { PipelineSheet, Sheet } from './sheet.ts';

/** What makes one pipeline of another. Everything is empty, and `stages` null, when they are the same. */
export interface PipelineChanges {
  /** Of the list of stages. */
  readonly stages: readonly ComparedLine[] | null;
  /** Of what holds for the whole pipeline, such as its name. */
  readonly settings: readonly ValueChange[];
  /** Of the variables at the root; the key is the name. */
  readonly variables: readonly ValueChange[];
  readonly added: readonly NamedSheet[];
  readonly removed: readonly NamedSheet[];
  /** A guess: the one is gone, the other is new, and they do mostly the same. */
  readonly renamed: readonly RenamedJob[];
  /**
   * What has changed in jobs that are there before and after. What is the same in several stands there once, for all of
   * them, so a job with changes of its own as well has more than one place. What a job only takes from the root
   * variables is told there.
   */
  readonly changed: readonly ChangedJobs[];
}

export interface NamedSheet {
  readonly name: string;
  readonly keys: Sheet;
}

export interface RenamedJob {
  readonly from: string;
  readonly to: string;
  readonly changes: readonly ValueChange[];
}

export interface ChangedJobs {
  readonly names: readonly string[];
  readonly changes: readonly ValueChange[];
}

export function comparePipelines(before: PipelineSheet, after: PipelineSheet): PipelineChanges {
  const gone = missingIn(after.jobs, before.jobs);
  const come = missingIn(before.jobs, after.jobs);
  const renames = findRenames(gone, come);
  const renamedFrom = new Set(renames.map(({ from }) => from));
  const renamedTo = new Set(renames.map(({ to }) => to));
  const variables = compareSheets(before.variables, after.variables);
  const isOwn = notInherited(variables);
  // Of a pipeline that comes to exist, or ceases to, everything is new or gone.
  const isBoth = before.jobs.size > 0 && after.jobs.size > 0;
  return {
    stages: isBoth ? compareStages(before.stages, after.stages) : null,
    settings: isBoth ? compareSheets(before.settings, after.settings) : [],
    variables: isBoth ? variables : [],
    added: named(come, renamedTo),
    removed: named(gone, renamedFrom),
    renamed: renames.map(({ from, to }) => ({
      from,
      to,
      changes: compareSheets(gone.get(from) ?? {}, come.get(to) ?? {}).filter(isOwn),
    })),
    changed: compareJobs(before.jobs, after.jobs, isOwn),
  };
}

/** Most jobs see the root variables, and would all repeat what has changed there. */
function notInherited(variables: readonly ValueChange[]): (change: ValueChange) => boolean {
  const told = new Set(
    variables.map((change) => JSON.stringify({ ...change, key: `variables:${change.key}` })),
  );
  return (change) => !told.has(JSON.stringify(change));
}

/** Whether there is nothing to tell. */
export function isSame(changes: PipelineChanges): boolean {
  const { stages, ...lists } = changes;
  return stages === null && Object.values(lists).every((list) => list.length === 0);
}

type Jobs = PipelineSheet['jobs'];

function missingIn(other: Jobs, jobs: Jobs): Jobs {
  return new Map([...jobs].filter(([name]) => !other.has(name)));
}

function named(jobs: Jobs, without: ReadonlySet<string>): readonly NamedSheet[] {
  return [...jobs].flatMap(([name, keys]) => (without.has(name) ? [] : { name, keys }));
}

function compareStages(before: readonly string[], after: readonly string[]): readonly ComparedLine[] | null {
  const lines = compareLines(before, after);
  return lines.every(({ kind }) => kind === 'same') ? null : lines;
}

function compareJobs(
  before: Jobs,
  after: Jobs,
  isOwn: (change: ValueChange) => boolean,
): readonly ChangedJobs[] {
  const byJob = new Map<string, readonly string[]>();
  const byChange = new Map<string, { readonly change: ValueChange; readonly names: string[] }>();
  for (const [name, keys] of before) {
    const now = after.get(name);
    if (now === undefined) continue;
    const changes = compareSheets(keys, now).filter(isOwn);
    const texts = changes.map((change) => JSON.stringify(change));
    if (texts.length > 0) byJob.set(name, texts);
    for (const [at, change] of changes.entries()) {
      const text = texts[at] ?? '';
      const known = byChange.get(text);
      if (known === undefined) byChange.set(text, { change, names: [name] });
      else known.names.push(name);
    }
  }
  return [...sharedChanges(byChange.values()), ...ownChanges(byJob, byChange)];
}

/** In so many jobs the same change is worth a place of its own. */
const SHARED = 3;

interface Spread {
  readonly change: ValueChange;
  readonly names: readonly string[];
}

/** Changes that many jobs have; those of the very same jobs together. */
function sharedChanges(spreads: Iterable<Spread>): readonly ChangedJobs[] {
  const groups = new Map<string, { readonly names: readonly string[]; readonly changes: ValueChange[] }>();
  for (const { change, names } of spreads) {
    if (names.length < SHARED) continue;
    const key = JSON.stringify(names);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { names, changes: [change] });
    else group.changes.push(change);
  }
  return [...groups.values()];
}

/** The rest of each job; jobs with the very same rest together. */
function ownChanges(
  byJob: ReadonlyMap<string, readonly string[]>,
  byChange: ReadonlyMap<string, Spread>,
): readonly ChangedJobs[] {
  const groups = new Map<string, { readonly names: string[]; readonly changes: readonly ValueChange[] }>();
  for (const [name, texts] of byJob) {
    const spreads = texts.flatMap((text) => byChange.get(text) ?? []);
    const changes = spreads.flatMap(({ change, names }) => (names.length < SHARED ? change : []));
    if (changes.length === 0) continue;
    const key = JSON.stringify(changes);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { names: [name], changes });
    else group.names.push(name);
  }
  return [...groups.values()];
}
