import { AppError } from '../../base/app-error.ts';
import type { JobArtifact } from '../../protocol/index.ts';
import { logSelection, logWarnings } from '../archive/log-selection.ts';
import { packFiles } from '../archive/pack-files.ts';
import { type FileSelection, selectFiles } from '../archive/select-files.ts';
import { filesText, sizeText } from '../archive/size-text.ts';
import { isSystemError } from '../archive/system-error.ts';
import type { StoredArtifact } from '../job-result.ts';
import type { JobLog } from '../log/job-log.ts';
import type { ArtifactStore } from '../ports.ts';

export interface CollectArtifactsRequest {
  readonly store: ArtifactStore;
  readonly jobId: number;
  /** Those whose `when` fits how the job ended, variables expanded. */
  readonly artifacts: readonly JobArtifact[];
  readonly workspace: string;
  /** The workspace's path as the job sees it; absolute artifact paths start with it. */
  readonly projectDir?: string;
  readonly log: JobLog;
  readonly signal: AbortSignal;
}

/**
 * Hands a job's archive and reports to the store. Paths that match nothing are told in the log and are no failure, as
 * for GitLab; what the store or the disk refuses is, and then the others are still tried.
 *
 * @returns `failure`: a sentence for a person, null when all went well.
 * @throws the signal's reason when aborted.
 */
export async function collectArtifacts(
  request: CollectArtifactsRequest,
): Promise<{ readonly stored: readonly StoredArtifact[]; readonly failure: string | null }> {
  const { artifacts, log, signal } = request;
  const stored: StoredArtifact[] = [];
  if (artifacts.length === 0) return { stored, failure: null };
  let failure: string | null = null;
  const selections = await selectFiles({ ...request, requests: artifacts });
  for (const [index, selection] of selections.entries()) {
    const artifact = artifacts[index];
    if (artifact === undefined) continue;
    await log.line(
      artifact.type === 'archive' ? 'Uploading artifacts...' : `Uploading artifacts as "${artifact.type}"...`,
      'info',
    );
    await logSelection(log, selection, 'artifact');
    if (selection.entries.length === 0) {
      await log.line('ERROR: No files to upload', 'error');
      continue;
    }
    try {
      stored.push(await store(request, artifact, selection));
    } catch (error) {
      signal.throwIfAborted();
      const message = failureMessage(error);
      await log.line(`ERROR: ${message}`, 'error');
      failure ??= message;
    }
  }
  return { stored, failure };
}

async function store(
  request: CollectArtifactsRequest,
  artifact: JobArtifact,
  selection: FileSelection,
): Promise<StoredArtifact> {
  const { workspace, log, signal, jobId } = request;
  const name = archiveName(artifact);
  const packed = packFiles({ workspace, entries: selection.entries, signal });
  const kept = await request.store.put(jobId, artifact, name, packed.archive);
  const { bytes, fileName = name } = kept;
  const tally = packed.tally();
  await logWarnings(log, tally.warnings);
  await log.line(
    `${fileName}: ${filesText(tally.files)}, ${sizeText(tally.bytes)} (${sizeText(bytes)} stored)`,
  );
  return { type: artifact.type, fileName, bytes, files: tally.files };
}

function archiveName(artifact: JobArtifact): string {
  if (artifact.type !== 'archive') return `${artifact.type}.tar`;
  const name = (artifact.name ?? '').replace(/[/\\\0]/g, '_');
  return `${name === '' ? 'artifacts' : name}.tar`;
}

function failureMessage(error: unknown): string {
  if (error instanceof AppError)
    return error.hint === null ? error.message : `${error.message} ${error.hint}`;
  if (isSystemError(error)) return `The artifacts could not be read: ${error.message}.`;
  throw error;
}
