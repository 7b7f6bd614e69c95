import type { Problem } from '../../base/problem.ts';
import type { ContextVariable, PipelineContext } from '../../config/index.ts';
import type { PipelineRow } from '../../store/index.ts';

/**
 * What a pipeline was made for, as it is kept with it: the context without what is asked for anew when a job starts
 * (the project's variables, the server's address) and without what only the file's rules look at. Pipelines that could
 * not be made have the problems here.
 */
export interface StoredContext {
  readonly version: 1;
  readonly context: KeptContext;
  readonly problems: readonly Problem[];
}

type KeptContext = Omit<PipelineContext, 'projectVariables' | 'changedFiles' | 'server' | 'pipeline'> & {
  readonly pipeline: Omit<PipelineContext['pipeline'], 'createdAt' | 'id'> & { readonly createdAt: number };
};

export function storedContext(
  context: PipelineContext,
  problems: readonly Problem[],
): StoredContext & Readonly<Record<string, unknown>> {
  const { projectVariables: _variables, changedFiles: _files, server: _server, pipeline, ...kept } = context;
  const { iid, createdAt, scheduleDescription } = pipeline;
  return {
    version: 1,
    context: { ...kept, pipeline: { iid, scheduleDescription, createdAt: createdAt.getTime() } },
    problems,
  };
}

/** Only `storedContext` writes it. */
export function readStored(row: Pick<PipelineRow, 'context'>): StoredContext {
  const stored: StoredContext = JSON.parse(row.context);
  return stored;
}

/** The context of a pipeline that is there, for one of its jobs. */
export function contextOf(
  row: PipelineRow,
  now: {
    readonly server: PipelineContext['server'];
    readonly projectVariables: Readonly<Record<string, ContextVariable>>;
  },
): PipelineContext {
  const { context } = readStored(row);
  const { createdAt, iid, scheduleDescription } = context.pipeline;
  return {
    ...context,
    ...now,
    changedFiles: null,
    pipeline: { id: row.id, iid, scheduleDescription, createdAt: new Date(createdAt) },
  };
}
