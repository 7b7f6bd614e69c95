import type { Container, Network, Volume } from 'dockerode';
import { AppError } from '../../base/app-error.ts';
import { engineError, ignoreGone, removeContainer } from './engine.ts';

/** What one job has in the engine, to be removed with it. */
export interface OwnedResources extends AsyncDisposable {
  addContainer(container: Container): void;
  addNetwork(network: Network): void;
  addVolume(volume: Volume): void;
  /** Something that ends by itself once the containers are gone, and is waited for. */
  addBackground(task: Promise<void>): void;
  removeContainer(container: Container): Promise<void>;
}

/**
 * Removing does not fail for what is gone, nor when the engine itself is: then there is nobody to ask, and the next
 * run removes what is left.
 */
export function ownedResources(): OwnedResources {
  const containers = new Set<Container>();
  const networks = new Set<Network>();
  const volumes = new Set<Volume>();
  const background: Promise<void>[] = [];

  async function removeOwned(container: Container): Promise<void> {
    await removeContainer(container);
    containers.delete(container);
  }

  async function removeAll(): Promise<void> {
    await Promise.all([...containers].map(removeOwned));
    await Promise.all(background);
    await Promise.all([...networks, ...volumes].map((resource) => ignoreGone(resource.remove())));
    networks.clear();
    volumes.clear();
  }

  return {
    addContainer: (container) => containers.add(container),
    addNetwork: (network) => networks.add(network),
    addVolume: (volume) => volumes.add(volume),
    addBackground: (task) => background.push(task),
    removeContainer: removeOwned,
    async [Symbol.asyncDispose]() {
      try {
        await removeAll();
      } catch (cause) {
        const error = engineError(cause, "remove the job's containers");
        if (!(error instanceof AppError && error.code === 'docker-engine-unavailable')) throw error;
      }
    },
  };
}
