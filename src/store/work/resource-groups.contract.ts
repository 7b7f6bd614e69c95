import { describe, expect, it } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import { job, plan } from '../../pipeline/test-support/plan-builder.ts';
import { createPipelineStore } from '../pipelines/pipeline-store.ts';
import type { Store } from '../store.ts';
import { addProject, pushOf } from '../test-support/sample-project.ts';
import { type TestDatabases, testStore } from '../test-support/test-databases.ts';
import { createResourceGroups, type ProcessMode, type ResourceClaim } from './resource-groups.ts';

/** One resource for all who want it, however many ask at the same moment. */
export function describeResourceGroups(databases: TestDatabases): void {
  describe(`resource groups on ${databases.name}`, () => {
    it('give the resource to everybody once, and to nobody while another has it', async () => {
      const { groups, store, claims, key } = await open(databases, 40);
      const request = (claim: ResourceClaim) => store.write((tx) => groups.request(tx, key, claim));
      const first = (await Promise.all(claims.map(request))).flat();
      expect(first).toHaveLength(1);
      const served = new Set<number>();
      for (let holders: readonly ResourceClaim[] = first; holders.length > 0; ) {
        const [holder] = holders;
        if (holder === undefined || holders.length > 1) throw new Error('Two have the resource');
        served.add(holder.pipelineId);
        // Those who come late ask at the same moment at which it is given back.
        const [next] = await Promise.all([
          store.write((tx) => groups.release(tx, holder)),
          ...claims.filter(({ pipelineId }) => !served.has(pipelineId)).map(request),
        ]);
        holders = next;
      }
      expect([...served].sort((a, b) => a - b)).toEqual(claims.map(({ pipelineId }) => pipelineId));
    });

    it.each<readonly [ProcessMode, readonly number[]]>([
      ['unordered', [0, 2, 1]],
      ['oldest_first', [0, 1, 2]],
      ['newest_first', [0, 2, 1]],
    ])('give it in the order of their mode: %s', async (mode, order) => {
      const { groups, store, claims, key } = await open(databases, 3);
      await store.write((tx) => groups.setMode(tx, key, mode));
      const [first, second, third] = claims;
      const got: ResourceClaim[] = [];
      for (const claim of [first, third, second]) {
        if (claim !== undefined) got.push(...(await store.write((tx) => groups.request(tx, key, claim))));
      }
      for (let at = 0; at < got.length; at += 1) {
        const holder = got[at];
        if (holder !== undefined) got.push(...(await store.write((tx) => groups.release(tx, holder))));
      }
      expect(got).toEqual(order.map((index) => claims[index]));
    });
  });
}

async function open(databases: TestDatabases, count: number) {
  const store: Store = await testStore(databases);
  const projectId = await addProject(store, 'team/app');
  const pipelines = createPipelineStore(store, systemClock);
  const claims: ResourceClaim[] = [];
  for (let made = 0; made < count; made += 1) {
    const { id } = await pipelines.create(pushOf(projectId, plan({ all: [job('deploy')] })));
    claims.push({ pipelineId: id, job: 'deploy', attempt: 1 });
  }
  const groups = createResourceGroups(store, () => systemClock.now());
  return { store, groups, claims, key: { projectId, key: 'production' } };
}
