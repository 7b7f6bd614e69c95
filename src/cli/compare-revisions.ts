import { resolve } from 'node:path';
import { AppError } from '../base/app-error.ts';
import type { Problem } from '../base/problem.ts';
import type { Language, PipelineContext } from '../config/index.ts';
import type { ComparedEvent } from '../local/index.ts';
import { compareFor, kindOf, type PipelineDifference, type Sides } from './compare-event.ts';
import { findProject, type ProjectOptions } from './find-project.ts';
import { givenSources } from './given-sources.ts';
import { givenVariables } from './given-variables.ts';
import type { Io } from './io.ts';
import { parseInputs } from './open-pipeline.ts';
import type { ValueOptions } from './pipeline-options.ts';

export interface CompareOptions extends ProjectOptions, ValueOptions {
  readonly source: readonly ComparedEvent[];
  readonly ref?: string;
  readonly tag?: string;
  readonly target?: string;
  readonly changes?: boolean;
  readonly mergeBase?: boolean;
}

/** What a change of the pipeline files does to the pipelines of some events. */
export interface Comparison {
  /** The pipeline file. */
  readonly file: string;
  readonly language: Language;
  /** Pipeline files of other languages beside it, when nobody named one. */
  readonly others: readonly string[];
  readonly base: ComparedSide;
  readonly head: ComparedSide;
  /** One for all events that have the same; in the order of the events. */
  readonly differences: readonly Difference[];
}

export interface ComparedSide {
  /** As it was named; null: the work tree. */
  readonly revision: string | null;
  readonly commit: string | null;
  /** Errors, each once, for whatever event. */
  readonly errors: readonly Problem[];
}

/** What the events that have the very same difference are, and the difference. */
export interface Difference extends PipelineDifference {
  readonly events: readonly ComparedFor[];
}

export interface ComparedFor {
  readonly source: PipelineContext['source'];
  readonly ref: { readonly name: string; readonly kind: 'branch' | 'tag' };
  /** Of a merge request. */
  readonly target: string | null;
}

/**
 * Reads the pipeline files of two states of a project for the same events, and tells what differs. Nothing is checked
 * out or run, and nothing written but what includes fetch from elsewhere, which is the same for both.
 *
 * @throws AppError `no-such-revision`, `no-pipeline-file` when neither side has the file.
 */
export async function compareRevisions(
  io: Io,
  baseRevision: string,
  headRevision: string | null,
  options: CompareOptions,
): Promise<Comparison> {
  const local = await import('../local/index.ts');
  const { root, file, others } = await findProjectOfOld(io, options);
  const named = await commitNamed(root, baseRevision);
  const head = headRevision === null ? null : await commitNamed(root, headRevision);
  const left =
    options.mergeBase === true ? await local.mergeBaseOf(root, named.commit, head?.commit ?? 'HEAD') : null;
  const base = { ...named, commit: left ?? named.commit };

  const request = {
    ...{ repository: root, base, head, configPath: file, now: io.now },
    branch: options.ref ?? null,
    tag: options.tag ?? null,
    target: options.target ?? null,
    knowsChanges: options.changes === true,
    variables: await givenVariables(io, options),
    inputs: parseInputs(options.input),
  };
  const contexts: PipelineContext[] = [];
  for (const event of options.source) contexts.push(await local.contextForComparison({ ...request, event }));
  const [context] = contexts;
  if (context === undefined) throw new AppError('bad-option', 'There is no event to compare for.');

  const present = await givenSources(io, options, root, context);
  const before = await local.commitSources(root, base.commit, present.elsewhere);
  const committed = head === null ? null : await local.commitSources(root, head.commit, present.elsewhere);
  try {
    const after = committed ?? present;
    // What a pipeline compares with is a part of the event, so it is the same for both.
    const sides = [{ ...before, changedSince: after.changedSince }, after] as const;
    await mustHaveFile(sides, file, baseRevision);
    const errors = { base: new Map<string, Problem>(), head: new Map<string, Problem>() };
    const differences: Difference[] = [];
    let language: Language = 'gitlab';
    for (const event of contexts) {
      const { difference, base, head, ...side } = await compareFor(event, sides, file);
      language = side.language ?? language;
      differences.push({ events: [eventOf(event)], ...difference });
      for (const error of base) errors.base.set(JSON.stringify([error.place, error.message]), error);
      for (const error of head) errors.head.set(JSON.stringify([error.place, error.message]), error);
    }
    return {
      file,
      language,
      others,
      base: { ...base, errors: [...errors.base.values()] },
      head: {
        revision: head?.revision ?? null,
        commit: head?.commit ?? null,
        errors: [...errors.head.values()],
      },
      differences: folded(differences),
    };
  } finally {
    before.close();
    committed?.close();
  }
}

/** The file may be in none but the older state: then it is looked for at the top. */
async function findProjectOfOld(io: Io, options: CompareOptions) {
  const local = await import('../local/index.ts');
  try {
    return await findProject(io.folder, options, local.repositoryRoot);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'no-pipeline-file') throw error;
    const root = await local.repositoryRoot(resolve(io.folder, options.repository ?? '.'));
    return { root, file: options.file ?? '.gitlab-ci.yml', others: [] };
  }
}

async function commitNamed(root: string, revision: string) {
  const local = await import('../local/index.ts');
  const commit = await local.commitOf(root, revision);
  if (commit !== null) return { revision, commit };
  throw new AppError('no-such-revision', `There is no commit '${revision}' in ${root}.`, {
    hint: 'Name a branch, a tag or a commit. What only the server has must be fetched first: git fetch.',
  });
}

async function mustHaveFile(sides: Sides, file: string, baseRevision: string): Promise<void> {
  for (const sources of sides) if ((await sources.readFile(file)).kind !== 'absent') return;
  throw new AppError('no-pipeline-file', `There is no ${file}, neither now nor in ${baseRevision}.`, {
    hint: 'Name another one with --file.',
  });
}

function eventOf({ source, ref, mergeRequest }: PipelineContext): ComparedFor {
  return { source, ref: { name: ref.name, kind: ref.kind }, target: mergeRequest?.targetBranch ?? null };
}

/** Events whose pipelines change alike are one difference. */
function folded(differences: readonly Difference[]): readonly Difference[] {
  const groups = new Map<string, Difference>();
  for (const difference of differences) {
    const { events, before, after, same, changes, children } = difference;
    const key = same ? 'same' : JSON.stringify([kindOf(before), kindOf(after), changes, children]);
    const group = groups.get(key);
    groups.set(key, group === undefined ? difference : { ...group, events: [...group.events, ...events] });
  }
  return [...groups.values()];
}
