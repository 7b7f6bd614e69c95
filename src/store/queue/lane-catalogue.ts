import type { Db } from '../store.ts';
import type { PlaceHolder } from './places.ts';

/** What a runner can do and may see. Runners that are alike here get the same jobs. */
export interface RunnerProfile {
  readonly tags: readonly string[];
  readonly runUntagged: boolean;
  /** Takes jobs of protected refs only. */
  readonly protected: boolean;
  readonly features: readonly string[];
  /** The ids of the projects whose jobs it takes; null: of all. */
  readonly projects: readonly number[] | null;
  /** By which it holds places of pipelines; absent: it can hold none. Nothing about its kind. */
  readonly holder?: PlaceHolder;
}

export interface Lane {
  readonly id: number;
  readonly projectId: number;
  readonly protected: boolean;
  readonly tags: readonly string[];
  readonly features: readonly string[];
}

/** The lanes of the database as far as they have been asked for. They never change, so each is read once. */
export interface LaneCatalogue {
  /** Reads those that are not known yet. `db` must see only what is committed. */
  learn(db: Db, ids: readonly number[]): Promise<void>;
  /** Null when it was not learned. */
  get(id: number): Lane | null;
}

export function createLaneCatalogue(): LaneCatalogue {
  const known = new Map<number, Lane>();
  return {
    async learn(db, ids) {
      const unknown = ids.filter((id) => !known.has(id));
      for (let from = 0; from < unknown.length; from += LANES_AT_ONCE) {
        const some = unknown.slice(from, from + LANES_AT_ONCE);
        const rows = await db.selectFrom('lanes').selectAll().where('id', 'in', some).execute();
        for (const row of rows) {
          // Only lanes.ts writes these columns: lists of texts.
          const tags: string[] = JSON.parse(row.tags);
          const features: string[] = JSON.parse(row.features);
          known.set(row.id, {
            id: row.id,
            projectId: row.project_id,
            protected: row.protected === 1,
            tags,
            features,
          });
        }
      }
    },
    get: (id) => known.get(id) ?? null,
  };
}

const LANES_AT_ONCE = 1000;

/** Whether a runner may take the jobs of a lane: https://docs.gitlab.com/ci/runners/configure_runners/. */
export function matcherOf(profile: RunnerProfile): (lane: Lane) => boolean {
  const tags = new Set(profile.tags);
  const features = new Set(profile.features);
  const projects = profile.projects === null ? null : new Set(profile.projects);
  return (lane) =>
    (lane.tags.length > 0 ? lane.tags.every((tag) => tags.has(tag)) : profile.runUntagged) &&
    (lane.protected || !profile.protected) &&
    lane.features.every((feature) => features.has(feature)) &&
    (projects === null || projects.has(lane.projectId));
}
