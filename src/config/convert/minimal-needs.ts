interface Needing {
  readonly name: string;
  readonly needs: readonly { readonly job: string }[] | null;
}

/**
 * Of each job's needs those that say something: what a needed job waits for itself is waited for anyhow. Without them a
 * long chain has a need a job, and nobody fetches the same files twice. Jobs stand in an order in which needs go back.
 */
export function minimalNeeds(jobs: readonly Needing[]): ReadonlyMap<string, readonly string[]> {
  const indices = new Map(jobs.map(({ name }, index) => [name, index]));
  // Of each job all that it waits for, one bit a job.
  const before = new Map<string, bigint>();
  const minimal = new Map<string, readonly string[]>();
  for (const { name, needs } of jobs) {
    const names = (needs ?? []).map(({ job }) => job);
    const through = names.reduce((bits, job) => bits | (before.get(job) ?? 0n), 0n);
    const own = names.reduce((bits, job) => bits | bit(indices.get(job)), 0n);
    minimal.set(
      name,
      names.filter((job) => (through & bit(indices.get(job))) === 0n),
    );
    before.set(name, through | own);
  }
  return minimal;
}

function bit(index: number | undefined): bigint {
  return index === undefined ? 0n : 1n << BigInt(index);
}
