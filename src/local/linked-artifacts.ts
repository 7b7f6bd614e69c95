import type { ArtifactStore } from '../runner/index.ts';

/** A store that also gives out archives of other stores, under numbers of its own jobs. */
export interface LinkedArtifacts extends ArtifactStore {
  link(jobId: number, open: () => ReturnType<ArtifactStore['get']>): void;
}

export function linkedArtifacts(own: ArtifactStore): LinkedArtifacts {
  const links = new Map<number, () => ReturnType<ArtifactStore['get']>>();
  return {
    put: (...archive) => own.put(...archive),
    get: (jobId) => (links.get(jobId) ?? (() => own.get(jobId)))(),
    link: (jobId, open) => {
      links.set(jobId, open);
    },
  };
}
