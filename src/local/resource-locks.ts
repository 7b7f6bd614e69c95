/**
 * The resources of `resource_group`: one holder a name, over all pipelines of a run, in the order they asked.
 */
export interface ResourceLocks {
  /** Calls back when it is the owner's turn: at once, or when those before it are done. */
  request(resource: string, owner: string, onGranted: () => void): void;
  /** Gives the resource back, or withdraws a request that was not granted; anything else has no effect. */
  release(resource: string, owner: string): void;
}

export function createResourceLocks(): ResourceLocks {
  /** The first of each queue holds the resource. */
  const queues = new Map<string, { readonly owner: string; readonly onGranted: () => void }[]>();

  return {
    request(resource, owner, onGranted) {
      const queue = queues.get(resource);
      if (queue === undefined) {
        queues.set(resource, [{ owner, onGranted }]);
        onGranted();
      } else {
        queue.push({ owner, onGranted });
      }
    },

    release(resource, owner) {
      const queue = queues.get(resource);
      const index = queue?.findIndex((entry) => entry.owner === owner) ?? -1;
      if (queue === undefined || index === -1) return;
      queue.splice(index, 1);
      if (queue.length === 0) queues.delete(resource);
      else if (index === 0) queue[0]?.onGranted();
    },
  };
}
