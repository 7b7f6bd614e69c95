import type { FileHandle } from 'node:fs/promises';
import { openDirectoryCursor } from '../archive/directory-cursor.ts';
import { openChild } from '../archive/open-directory.ts';
import { openRegularFile } from '../archive/read-whole-file.ts';
import { selectFiles } from '../archive/select-files.ts';
import { isSystemError } from '../archive/system-error.ts';

export interface ReportFile {
  /** Relative to the project. */
  readonly path: string;
  readonly handle: FileHandle;
  readonly size: number;
}

/**
 * Opens, one after another, the files that a report's paths select (as `artifacts:paths` select, but links are left
 * out: a report is read here, outside the job, and a link may lead anywhere).
 */
export async function* openReportFiles(request: {
  readonly workspace: string;
  readonly projectDir?: string;
  readonly paths: readonly string[];
}): AsyncGenerator<ReportFile> {
  const requests = [{ paths: request.paths, exclude: [], untracked: false }];
  const [selection] = await selectFiles({ ...request, requests, signal: NEVER });
  if (selection === undefined || selection.entries.length === 0) return;
  const cursor = await openDirectoryCursor(request.workspace, openChild);
  try {
    for (const { directory, name, kind } of selection.entries) {
      if (kind !== 'file') continue;
      const handle = await openIfThere(async () => openRegularFile(await cursor.moveTo(directory), name));
      if (handle === null) continue;
      try {
        const { size } = await handle.stat();
        yield { path: directory === '' ? name : `${directory}/${name}`, handle, size };
      } finally {
        await handle.close();
      }
    }
  } finally {
    await cursor[Symbol.asyncDispose]();
  }
}

/** Reports are small and few; reading them is not worth interrupting. */
const NEVER = new AbortController().signal;

async function openIfThere(attempt: () => Promise<FileHandle | null>): Promise<FileHandle | null> {
  try {
    return await attempt();
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES')) return null;
    throw error;
  }
}
