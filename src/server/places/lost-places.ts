import type { Clock } from '../../base/clock.ts';
import { closedPipelinesWithPlace, heldPlaces, jobsAtClosedPlaces, type Store } from '../../store/index.ts';
import type { Places } from './places.ts';

export interface LostPlacesParts {
  readonly store: Store;
  readonly places: Places;
  readonly clock: Clock;
  /** A process that is silent for so long has lost what it held. */
  readonly silentMs: number;
  readonly remark: (message: string, about: Readonly<Record<string, unknown>>) => void;
}

/**
 * Looks for places whose process is lost, whose pipeline is over, and for jobs that wait at places that are gone. Silence is
 * measured as that of jobs is (lost-jobs.ts).
 */
export function createLostPlaces(parts: LostPlacesParts): { look(): Promise<void> } {
  const { store, places, clock, silentMs, remark } = parts;
  let seen = new Map<number, { readonly touchedAt: number; readonly since: number }>();

  async function endSilent(): Promise<void> {
    const now = clock.elapsed();
    const next = new Map<number, { readonly touchedAt: number; readonly since: number }>();
    for (const { id, pipelineId, touchedAt } of await store.read(heldPlaces)) {
      const before = seen.get(id);
      const since = before?.touchedAt === touchedAt ? before.since : now;
      if (now - since < silentMs) {
        next.set(id, { touchedAt, since });
        continue;
      }
      await places.end(pipelineId, 'the runner that had them was silent for too long');
      remark('A runner that had files of a pipeline has been silent for too long', { pipeline: pipelineId });
    }
    seen = next;
  }

  return {
    async look() {
      await endSilent();
      const over = await store.read((db) => closedPipelinesWithPlace(db, clock.now() - KEPT_FOR_PERSON_MS));
      for (const pipelineId of over) await places.end(pipelineId, 'nobody has gone on with it in time');
      for (let last = 0; ; ) {
        const jobs = await store.read(jobsAtClosedPlaces);
        const [first] = jobs;
        // The same again is for the next time: something keeps it as it is.
        if (first === undefined || first.id === last) break;
        last = first.id;
        await places.giveUp(jobs);
      }
    },
  };
}

/** So long a person has, after all else is over, to start what waits for him. */
const KEPT_FOR_PERSON_MS = 3600_000;
