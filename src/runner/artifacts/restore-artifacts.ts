import type { JobDependency } from '../../protocol/index.ts';
import { filesText, sizeText } from '../archive/size-text.ts';
import { type UnpackLimits, unpackFiles } from '../archive/unpack-files.ts';
import type { JobLog } from '../log/job-log.ts';
import type { ArtifactStore } from '../ports.ts';

export interface RestoreArtifactsRequest {
  readonly store: ArtifactStore;
  /** Jobs that have an archive; in order, a later one's files replace an earlier one's. */
  readonly dependencies: readonly JobDependency[];
  readonly workspace: string;
  readonly log: JobLog;
  readonly signal: AbortSignal;
  readonly limits?: UnpackLimits;
}

export type RestoreArtifactsResult =
  | { readonly kind: 'restored' }
  | { readonly kind: 'missing'; readonly dependency: JobDependency; readonly message: string };

/**
 * Unpacks the archives of the jobs this one depends on into its workspace.
 *
 * @throws AppError archive-unsafe-entry, archive-too-large, archive-damaged, disk-full, storage-failed; the signal's
 *   reason when aborted.
 */
export async function restoreArtifacts(request: RestoreArtifactsRequest): Promise<RestoreArtifactsResult> {
  const { store, dependencies, workspace, log, signal, limits } = request;
  for (const dependency of dependencies) {
    signal.throwIfAborted();
    await log.line(`Downloading artifacts from ${dependency.name} (${dependency.id})...`, 'info');
    const archive = await store.get(dependency.id);
    if (archive === null) {
      const message = `The artifacts of job "${dependency.name}" (${dependency.id}) are not there: they have expired or were removed.`;
      await log.line(`ERROR: ${message}`, 'error');
      return { kind: 'missing', dependency, message };
    }
    const unpacked = await unpackFiles({
      archive,
      folder: workspace,
      signal,
      ...(limits === undefined ? {} : { limits }),
    });
    await log.line(`${dependency.name}: ${filesText(unpacked.files)}, ${sizeText(unpacked.bytes)}`);
  }
  return { kind: 'restored' };
}
