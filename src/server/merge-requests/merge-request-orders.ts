import { type Outbox, type Tx, workKind } from '../../store/index.ts';

/** A branch of open merge requests has been pushed, or one of these has been opened. */
export interface PushedBranch {
  readonly projectId: number;
  readonly name: string;
}

/** What merge requests want. */
export const MERGE_REQUEST_ORDERS = workKind<PushedBranch>('merge-requests');

/** Has the merge requests of a branch looked at, once the transaction is committed. */
export function orderPushed(outbox: Outbox, tx: Tx, branch: PushedBranch): Promise<void> {
  const body = MERGE_REQUEST_ORDERS.write(branch);
  return outbox.append(tx, [{ topic: MERGE_REQUEST_ORDERS.name, key: `project ${branch.projectId}`, body }]);
}
