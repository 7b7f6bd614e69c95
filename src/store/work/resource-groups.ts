import type { Store, Tx } from '../store.ts';

/** In which order those who wait for a group's resource get it: GitLab's words. */
export type ProcessMode = 'unordered' | 'oldest_first' | 'newest_first' | 'newest_ready_first';

/** An attempt of a job that wants, or has, the resource of a group. */
export interface ResourceClaim {
  readonly pipelineId: number;
  readonly job: string;
  readonly attempt: number;
}

/**
 * The one resource that each resource group of a project has. Whoever asks first gets it; when it is given back, the
 * group's mode says who is next. Asking and giving back may be repeated.
 */
export interface ResourceGroups {
  /** Answers whose turn it is now: the claim itself, if the resource was free. */
  request(
    tx: Tx,
    group: { readonly projectId: number; readonly key: string },
    claim: ResourceClaim,
  ): Promise<readonly ResourceClaim[]>;
  /** Gives the resource back, or withdraws a claim; answers who has it now and was not told yet. */
  release(tx: Tx, claim: ResourceClaim): Promise<readonly ResourceClaim[]>;
  setMode(
    tx: Tx,
    group: { readonly projectId: number; readonly key: string },
    mode: ProcessMode,
  ): Promise<void>;
}

export function createResourceGroups(store: Store, now: () => number): ResourceGroups {
  async function groupId(tx: Tx, { projectId, key }: { readonly projectId: number; readonly key: string }) {
    await tx.db
      .insertInto('resource_groups')
      .values({ project_id: projectId, key, process_mode: 'unordered', created_at: now(), updated_at: now() })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    const { id } = await tx.db
      .selectFrom('resource_groups')
      .select('id')
      .where('project_id', '=', projectId)
      .where('key', '=', key)
      .executeTakeFirstOrThrow();
    return id;
  }

  /**
   * Everybody locks the group first and its claims then: a claim refers to its group, and to lock that later would mean
   * to wait for all others who have just claimed it, and they for us.
   */
  async function lock(tx: Tx, group: number): Promise<string> {
    const { process_mode: mode } = await tx.db
      .selectFrom('resource_groups')
      .select('process_mode')
      .where('id', '=', group)
      .modifyEnd(store.dialect.lockRows)
      .executeTakeFirstOrThrow();
    return mode;
  }

  /** Gives the group's resource to whoever is next, if nobody has it. The group is locked. */
  async function grantNext(tx: Tx, group: number, mode: string): Promise<readonly ResourceClaim[]> {
    const holder = await tx.db
      .selectFrom('resource_claims')
      .select('id')
      .where('group_id', '=', group)
      .where('granted_at', 'is not', null)
      .limit(1)
      .executeTakeFirst();
    if (holder !== undefined) return [];
    const waiting = tx.db
      .selectFrom('resource_claims')
      .select(['id', 'pipeline_id', 'job', 'attempt'])
      .where('group_id', '=', group)
      .where('granted_at', 'is', null)
      .limit(1);
    const next = await (mode === 'unordered'
      ? waiting.orderBy('id')
      : mode === 'oldest_first'
        ? waiting.orderBy('pipeline_id').orderBy('id')
        : waiting.orderBy('pipeline_id', 'desc').orderBy('id')
    ).executeTakeFirst();
    if (next === undefined) return [];
    await tx.db.updateTable('resource_claims').set({ granted_at: now() }).where('id', '=', next.id).execute();
    return [{ pipelineId: next.pipeline_id, job: next.job, attempt: next.attempt }];
  }

  return {
    async request(tx, group, claim) {
      const id = await groupId(tx, group);
      const mode = await lock(tx, id);
      await tx.db
        .insertInto('resource_claims')
        .values({
          group_id: id,
          pipeline_id: claim.pipelineId,
          job: claim.job,
          attempt: claim.attempt,
          requested_at: now(),
          granted_at: null,
        })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      return grantNext(tx, id, mode);
    },

    async release(tx, { pipelineId, job, attempt }) {
      const claim = await tx.db
        .selectFrom('resource_claims')
        .select(['id', 'group_id'])
        .where('pipeline_id', '=', pipelineId)
        .where('job', '=', job)
        .where('attempt', '=', attempt)
        .executeTakeFirst();
      if (claim === undefined) return [];
      const mode = await lock(tx, claim.group_id);
      await tx.db.deleteFrom('resource_claims').where('id', '=', claim.id).execute();
      return grantNext(tx, claim.group_id, mode);
    },

    async setMode(tx, group, mode) {
      const id = await groupId(tx, group);
      const changed = { process_mode: mode, updated_at: now() };
      await tx.db.updateTable('resource_groups').set(changed).where('id', '=', id).execute();
    },
  };
}
