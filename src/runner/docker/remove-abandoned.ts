import { isDead } from '../owner/process-owner.ts';
import type { Engine } from './engine.ts';
import { connectEngine, engineError, ignoreGone, removeContainer } from './engine.ts';
import { LABELS, ownerFromLabels } from './ownership.ts';

export interface RemovedLeftovers {
  readonly containers: number;
  readonly networks: number;
  readonly volumes: number;
}

/**
 * Removes the containers, networks and volumes of runs whose process is gone, because it was killed before it could.
 * What belongs to a run that still lives, or to nobody we know, is never touched. May run twice at once.
 * @throws AppError `docker-engine-unavailable`, `docker-engine-remote`
 */
export async function removeAbandonedContainers(options: {
  readonly env: Readonly<Record<string, string | undefined>>;
}): Promise<RemovedLeftovers> {
  const engine = await connectEngine(options.env);
  try {
    return await removeAbandoned(engine);
  } catch (error) {
    throw engineError(error, 'remove what earlier runs left');
  }
}

async function removeAbandoned(engine: Engine): Promise<RemovedLeftovers> {
  const filters = { label: [LABELS.run] };
  const [containers, networks, volumes] = await Promise.all([
    engine.listContainers({ all: true, filters }),
    engine.listNetworks({ filters }),
    engine.listVolumes({ filters }).then((list) => list.Volumes ?? []),
  ]);
  const deadContainers = await ofDeadOwners(containers);
  const deadNetworks = await ofDeadOwners(networks);
  const deadVolumes = await ofDeadOwners(volumes);
  // Networks and volumes can only go when no container uses them any more.
  await Promise.all(deadContainers.map(({ Id }) => removeContainer(engine.getContainer(Id))));
  await Promise.all([
    ...deadNetworks.map(({ Id }) => ignoreGone(engine.getNetwork(Id).remove())),
    ...deadVolumes.map(({ Name }) => ignoreGone(engine.getVolume(Name).remove())),
  ]);
  return { containers: deadContainers.length, networks: deadNetworks.length, volumes: deadVolumes.length };
}

async function ofDeadOwners<Item extends { readonly Labels?: Record<string, string> | undefined }>(
  items: readonly Item[],
): Promise<readonly Item[]> {
  const dead: Item[] = [];
  for (const item of items) {
    const owner = ownerFromLabels(item.Labels ?? null);
    if (owner !== null && isDead(owner)) dead.push(item);
  }
  return dead;
}
