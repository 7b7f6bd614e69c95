import { resolve } from 'node:path';
import { AppError } from '../base/app-error.ts';
import type { ContextVariable, PipelineContext, PipelineReading, Sources } from '../config/index.ts';
import { withoutAnswered } from './answered-warnings.ts';
import { findProject, type ProjectOptions } from './find-project.ts';
import { givenProjects } from './given-projects.ts';
import { givenSources } from './given-sources.ts';
import type { Io } from './io.ts';
import type { PipelineOptions } from './pipeline-options.ts';

/** A pipeline file, read for an event, and the project it is of. */
export interface OpenedPipeline {
  /** The top folder of the project. */
  readonly root: string;
  /** The pipeline file, from the top folder. */
  readonly file: string;
  /** Pipeline files of other languages beside it, when nobody named one. */
  readonly others: readonly string[];
  readonly sources: Sources;
  /** Folders of other projects, by their paths. */
  readonly projects: ReadonlyMap<string, string>;
  readonly context: PipelineContext;
  readonly read: PipelineReading;
  /** What a person may not expect of the ref they named; null when there is nothing. */
  readonly remark: string | null;
}

/**
 * Finds the project and its file, works out the event and reads the pipeline. Nothing is run but git; nothing is written
 * but what includes fetch from elsewhere.
 *
 * @throws AppError for a folder or file that is not there; what is wrong in the file are problems of `read`.
 */
export async function openPipeline(
  io: Io,
  options: PipelineOptions & ProjectOptions,
  given: {
    readonly context?: PipelineContext;
    readonly variables?: Readonly<Record<string, ContextVariable>>;
  } = {},
): Promise<OpenedPipeline> {
  const local = await import('../local/index.ts');
  const folder = resolve(io.folder, options.repository ?? '.');
  // git answers while the code that reads configurations is loaded.
  const asked = given.context === undefined ? local.askRepository(folder) : null;
  const configuration = import('../config/index.ts');
  const { root, file, others } = await findProject(io.folder, options, async (inside) =>
    asked !== null && inside === folder ? asked.root : local.repositoryRoot(inside),
  );
  const context =
    given.context ??
    (await local.contextForRun(
      {
        repository: root,
        source: options.source === 'tag' ? 'push' : options.source,
        ref: options.ref ?? null,
        tag: options.source === 'tag',
        target: options.target ?? null,
        variables: given.variables ?? {},
        inputs: parseInputs(options.input),
        configPath: file,
        now: io.now,
      },
      asked !== null && (root === folder || root === (await asked.root)) ? asked : undefined,
    ));
  const remark =
    options.ref === undefined || given.context !== undefined
      ? null
      : await local.remarkOnRef(root, options.ref, context);
  const sources = await givenSources(io, options, root, context);
  const { readPipeline } = await configuration;
  const projects = await givenProjects(io, options);
  const read = withoutAnswered(await readPipeline({ sources, file, context }), projects);
  return { root, file, others, sources, projects, context, remark, read };
}

/** `--input`, by name. */
export function parseInputs(inputs: readonly string[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    inputs.map((input) => {
      const at = input.indexOf('=');
      if (at < 1) throw new AppError('bad-option', `--input ${input} must have the form NAME=VALUE.`);
      return [input.slice(0, at), parseInput(input.slice(at + 1))];
    }),
  );
}

/** `3`, `true` and `["a"]` are what JSON says; everything else is text. */
function parseInput(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text; // Not JSON: then it is text.
  }
}
