import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type JobSpec, readJobEnvironment } from '../protocol/index.ts';
import type { WorkspaceReference } from '../runner/index.ts';

/** A job whose working copy was kept, with all that is needed to make its environment again. */
export interface KeptJob {
  /** The project's top folder. */
  readonly repository: string;
  /** The bridge jobs that lead to its pipeline, outermost first. */
  readonly within: readonly string[];
  /** Milliseconds since 1970. */
  readonly endedAt: number;
  readonly executor: 'shell' | 'docker';
  readonly sandbox: 'auto' | 'off';
  readonly privileged: 'auto' | boolean;
  readonly engineSocket: boolean;
  readonly references: readonly WorkspaceReference[];
  readonly spec: JobSpec;
}

/** In the folder of a run: its kept jobs, a folder each. */
export const KEPT_FOLDER = 'kept';

/** In the folder of a kept job: the working copy. */
export const WORKSPACE = 'workspace';

/** Written last, and whole: a folder that has it holds a kept job. Its variables are in it, so it is the owner's only. */
export async function writeKeptJob(folder: string, job: KeptJob): Promise<void> {
  const fresh = join(folder, '.job.json');
  await writeFile(fresh, JSON.stringify(job), { mode: 0o600, flag: 'wx' });
  await rename(fresh, join(folder, 'job.json'));
}

/** The kept jobs in the folders below this one; none where there is none, or something else. */
export async function readKeptJobs(
  folder: string,
): Promise<readonly { readonly folder: string; readonly job: KeptJob }[]> {
  const names = await readdir(folder).catch(() => []);
  const read = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      const content = await readFile(join(path, 'job.json'), 'utf8').catch(() => null);
      const job = content === null ? null : parse(content);
      return job === null ? [] : [{ folder: path, job }];
    }),
  );
  return read.flat();
}

/** null for what another version has written. */
function parse(content: string): KeptJob | null {
  try {
    const value: unknown = JSON.parse(content);
    if (typeof value !== 'object' || value === null) return null;
    const { repository, within, endedAt, executor, sandbox, references, spec, ...rights }: Unread = value;
    if (typeof repository !== 'string' || typeof endedAt !== 'number') return null;
    if (!Array.isArray(within) || !Array.isArray(references)) return null;
    return {
      repository,
      within: within.map(String),
      endedAt,
      executor: executor === 'docker' ? 'docker' : 'shell',
      sandbox: sandbox === 'off' ? 'off' : 'auto',
      privileged: typeof rights.privileged === 'boolean' ? rights.privileged : 'auto',
      engineSocket: rights.engineSocket === true,
      references: references.map(({ folder, shownAt }: Unread) => ({
        folder: String(folder),
        shownAt: String(shownAt),
      })),
      spec: readJobEnvironment(spec),
    };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return null;
    throw error;
  }
}

/** An object of which nothing is known yet. */
type Unread = { readonly [Key in keyof KeptJob | keyof WorkspaceReference]?: unknown };
