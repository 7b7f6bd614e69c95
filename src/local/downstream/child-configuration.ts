import type { PipelineContext, Sources } from '../../config/index.ts';
import { type BridgeVariables, childFiles, type Refusal } from '../../downstream/index.ts';
import type { ChildInclude, Json } from '../../pipeline/index.ts';
import { readArtifactFile } from '../../runner/index.ts';
import type { PipelineScope } from '../pipeline-request.ts';
import type { RunHost } from '../run-host.ts';
import type { RunProject } from '../run-projects.ts';

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

/** A child is read from the files of its parent, and from what its parent's jobs have kept in this run. */
export async function childConfiguration(
  host: RunHost,
  scope: PipelineScope,
  includes: readonly ChildInclude[],
  variables: BridgeVariables,
): Promise<DownstreamConfiguration | Refusal> {
  const { sources, project, context } = scope.request;
  const files = await childFiles(includes, {
    files: sources,
    variables,
    async artifactText(job, path) {
      const kept = scope.kept.get(job);
      if (kept === undefined || !kept.hasArchive) return null;
      return readArtifactFile(host.artifacts, kept.jobId, path);
    },
  });
  if (files.kind === 'refused') return files;
  const { sourcesIn, file, inputs } = files;
  return { kind: 'configuration', project, context, sources: sourcesIn(sources), file, inputs, remark: null };
}
