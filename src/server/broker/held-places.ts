import type { Clock } from '../../base/clock.ts';
import {
  closedPipelinesOf,
  type PlaceHolder,
  placesHeldBy,
  type Store,
  touchPlaces,
} from '../../store/index.ts';
import type { createDeadProcesses } from '../pipelines/dead-processes.ts';
import type { Places } from '../places/places.ts';
import type { HeldPlaces, ToldOfPlaces } from '../runner-api/ports.ts';

export interface HeldPlacesParts {
  readonly store: Store;
  readonly places: Places;
  readonly deadProcesses: ReturnType<typeof createDeadProcesses>;
  readonly clock: Clock;
  /** After so long without a word a process is taken for lost. */
  readonly silentMs: number;
}

/**
 * What processes of runners are told of the places they hold. That they ask says that they are there; and they tell which
 * ones have died.
 */
export function createHeldPlaces({ store, places, deadProcesses, clock, silentMs }: HeldPlacesParts) {
  const askAgainMs = Math.min(MOST_PAUSE_MS, silentMs / 10);
  return {
    async ask(
      own: PlaceHolder & { readonly systemId: string },
      { left, leaving }: ToldOfPlaces,
    ): Promise<HeldPlaces> {
      const { runnerId, systemId, process } = own;
      const dead = [...new Set(left)];
      for (const ended of dead) {
        const lost = await store.read((db) => placesHeldBy(db, { runnerId, process: ended }));
        for (const { pipelineId } of lost) await places.endWithProcess(pipelineId);
      }
      await deadProcesses.end({ runnerId, systemId, processes: dead });
      if (leaving && process !== '') {
        const over = await store.read((db) => closedPipelinesOf(db, own));
        for (const pipelineId of over) await places.end(pipelineId, 'the machine that had them went away');
      }
      const held = process === '' ? [] : await store.read((db) => placesHeldBy(db, own));
      if (held.length > 0) await store.write(({ db }) => touchPlaces(db, own, clock.now()));
      return { held: held.map(({ id }) => id), askAgainMs };
    },
  };
}

const MOST_PAUSE_MS = 15_000;
