import { readZipFile, type ZipSource } from '../../runner/index.ts';
import { artifactsOf, type Blobs, jobsAt, type Store, type StoredArtifact } from '../../store/index.ts';
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

function zipIn(blobs: Blobs, { blob: key, size }: StoredArtifact): ZipSource {
  return {
    stat: () => Promise.resolve({ size }),
    async read(into, offset, length, position) {
      const blob = await blobs.get(key, { from: position, to: position + length });
      let bytesRead = 0;
      for await (const piece of blob?.content ?? []) {
        bytesRead += Buffer.from(piece).copy(into, offset + bytesRead, 0, length - bytesRead);
      }
      return { bytesRead };
    },
  };
}
