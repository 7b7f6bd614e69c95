import { type Outbox, type Tx, workKind } from '../../store/index.ts';

export interface ScheduleOrder {
  readonly scheduleId: number;
  /** Somebody wants it now; it may be inactive. */
  readonly played: boolean;
}

/** Pipelines that schedules want. */
export const SCHEDULE_ORDERS = workKind<ScheduleOrder>('schedules');

/** Wants the pipeline of a schedule, once the transaction is committed. */
export function orderScheduled(outbox: Outbox, tx: Tx, order: ScheduleOrder): Promise<void> {
  const body = SCHEDULE_ORDERS.write(order);
  return outbox.append(tx, [{ topic: SCHEDULE_ORDERS.name, key: `schedule ${order.scheduleId}`, body }]);
}
