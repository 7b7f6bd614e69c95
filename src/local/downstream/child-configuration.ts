import type { PipelineContext, Sources } from '../../config/index.ts';
import type { ChildInclude, Json } from '../../pipeline/index.ts';
import { readArtifactFile } from '../../runner/index.ts';
import type { PipelineScope } from '../pipeline-request.ts';
import type { RunHost } from '../run-host.ts';
import type { RunProject } from '../run-projects.ts';
import { type BridgeVariables, expandForBridge } from './downstream-variables.ts';
import { type Refusal, refused } from './refusal.ts';

/** What a downstream pipeline is read from. */
export interface DownstreamConfiguration {
  readonly kind: 'configuration';
  readonly project: RunProject;
  /** As for a push; who triggers it fills in the rest. */
  readonly context: PipelineContext;
  readonly sources: Sources;
  readonly file: string;
  readonly inputs: Readonly<Record<string, Json>>;
  /** What a person should know of where the files come from; null when there is nothing. */
  readonly remark: string | null;
}

/**
 * The file the child is read from. One local file is read as it is, so that its problems name it; several, one of
 * another place, or one that a job made, are read through a file made up here that includes them.
 */
export async function childConfiguration(
  host: RunHost,
  scope: PipelineScope,
  includes: readonly ChildInclude[],
  variables: BridgeVariables,
): Promise<DownstreamConfiguration | Refusal> {
  const { sources, project, context } = scope.request;
  const base = { kind: 'configuration', project, context, remark: null } as const;
  const [only] = includes;
  if (includes.length === 1 && only?.kind === 'local' && !/[*$]/.test(only.path) && !only.further) {
    const file = only.path.replace(/^\/+/, '');
    const found = await sources.readFile(file);
    if (found.kind === 'absent') {
      return refused(CREATION_FAILED, `Local file \`${only.path}\` does not exist!`);
    }
    return { ...base, sources, file, inputs: only.inputs };
  }
  const made = new Map<string, string>();
  const entries: Json[] = [];
  for (const include of includes) {
    if (include.kind !== 'artifact') {
      entries.push(includeEntry(include));
      continue;
    }
    const job = expandForBridge(include.job, variables);
    const artifact = expandForBridge(include.path, variables).replace(/^\/+/, '');
    const text = await artifactText(host, scope, job, artifact);
    if (text === null) {
      return refused(CREATION_FAILED, `Not run: job '${job}' kept no artifact '${artifact}'.`);
    }
    const path = `artifacts of ${job}/${artifact}`;
    made.set(path, text);
    if (includes.length === 1 && !include.further) {
      return { ...base, sources: withFiles(sources, made), file: path, inputs: include.inputs };
    }
    entries.push({ local: path, inputs: include.inputs, ...include.further });
  }
  made.set(MADE_UP, JSON.stringify({ include: entries }));
  return { ...base, sources: withFiles(sources, made), file: MADE_UP, inputs: {} };
}

const CREATION_FAILED = 'downstream_pipeline_creation_failed';

/** A file that nobody can open: problems in it are the trigger's. */
export const MADE_UP = 'trigger.yml of a trigger with several files';

/** As the `include` of a pipeline file would have it. */
export function includeEntry(include: Exclude<ChildInclude, { readonly kind: 'artifact' }>): Json {
  const { inputs } = include;
  switch (include.kind) {
    case 'local':
      return { local: include.path, inputs, ...include.further };
    case 'project':
      return {
        project: include.project,
        file: include.path,
        inputs,
        ...include.further,
        ...(include.ref && { ref: include.ref }),
      };
    case 'template':
      return { template: include.name, inputs, ...include.further };
    case 'remote':
      return { remote: include.url, inputs, ...include.further };
    case 'component':
      return { component: include.component, inputs, ...include.further };
  }
}

async function artifactText(
  host: RunHost,
  scope: PipelineScope,
  job: string,
  path: string,
): Promise<string | null> {
  const kept = scope.kept.get(job);
  if (kept === undefined || !kept.hasArchive) return null;
  return readArtifactFile(host.artifacts, kept.jobId, path);
}

/** The same project with a few files more. */
export function withFiles(sources: Sources, files: ReadonlyMap<string, string>): Sources {
  return {
    ...sources,
    async readFile(path) {
      const text = files.get(path);
      return text === undefined ? sources.readFile(path) : { kind: 'text', text };
    },
  };
}
