import type { Outbox, Tx } from '../../store/index.ts';

/** The topic of the outbox for what merge requests want. */
export const MERGE_REQUESTS_TOPIC = 'merge-requests';

/** A branch of open merge requests has been pushed, or one of these has been opened. */
export interface PushedBranch {
  readonly projectId: number;
  readonly name: string;
}

/** Has the merge requests of a branch looked at, once the transaction is committed. */
export function orderPushed(outbox: Outbox, tx: Tx, branch: PushedBranch): Promise<void> {
  return outbox.append(tx, [
    { topic: MERGE_REQUESTS_TOPIC, key: `project ${branch.projectId}`, body: branch },
  ]);
}
