import type { Outbox, Tx } from '../../store/index.ts';

/** The topic of the outbox for pipelines that schedules want. */
export const SCHEDULES_TOPIC = 'schedules';

export interface ScheduleOrder {
  readonly scheduleId: number;
  /** Somebody wants it now; it may be inactive. */
  readonly played: boolean;
}

/** Wants the pipeline of a schedule, once the transaction is committed. */
export function orderScheduled(outbox: Outbox, tx: Tx, order: ScheduleOrder): Promise<void> {
  return outbox.append(tx, [{ topic: SCHEDULES_TOPIC, key: `schedule ${order.scheduleId}`, body: order }]);
}
