import { readZipFile } from '../../runner/index.ts';
import { artifactsOf, type Blobs, jobsAt, type Store } from '../../store/index.ts';
import { zipIn } from '../artifacts/zip-in.ts';
import type { TriggeringJob } from './triggering-job.ts';

interface Parts {
  readonly store: Store;
  readonly blobs: Blobs;
  readonly now: () => number;
}

/** Files that jobs of the triggering job's pipeline have kept, for `trigger:include:artifact`. */
export interface ArtifactTexts {
  /** null: the job has no archive, or the archive no such file of at most 1 MiB. */
  read(of: TriggeringJob, job: string, path: string): Promise<string | null>;
}

export function createArtifactTexts({ store, blobs, now }: Parts): ArtifactTexts {
  return {
    async read({ pipeline, state }, job, path) {
      const position = state.graph.indexes.get(job);
      if (position === undefined) return null;
      const archive = await store.read(async (db) => {
        const [row] = await jobsAt(db, pipeline.id, [position]);
        if (row === undefined) return undefined;
        const [kept] = await artifactsOf(db, [row.id], { type: 'archive', now: now() });
        return kept;
      });
      if (archive === undefined) return null;
      const file = await readZipFile(zipIn(blobs, archive), path, MAX_BYTES);
      return file?.toString('utf8') ?? null;
    },
  };
}

/** As much as a pipeline file may have. */
const MAX_BYTES = 1024 * 1024;
