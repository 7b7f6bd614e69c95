import type { Clock } from '../../base/clock.ts';
import {
  dueSchedules,
  type Outbox,
  passSchedule,
  type Schedule,
  type Store,
  updateSchedule,
} from '../../store/index.ts';
import { readCron } from './cron.ts';
import { orderScheduled } from './schedule-orders.ts';

export interface SchedulerParts {
  readonly store: Store;
  readonly outbox: Outbox;
  readonly clock: Clock;
}

/**
 * Looks for schedules whose moment has come, and orders their pipelines. However many servers look, one of them moves a
 * schedule on and orders; and however many moments were missed while no server ran, there is one order for all of them.
 */
export function createScheduler({ store, outbox, clock }: SchedulerParts): { look(): Promise<void> } {
  async function look(): Promise<void> {
    for (;;) {
      const now = clock.now();
      const due = await store.read((db) => dueSchedules(db, now, AT_ONCE));
      for (const schedule of due) await moveOn(schedule, now);
      if (due.length < AT_ONCE) return;
    }
  }

  async function moveOn({ id, cron, timeZone, nextRunAt }: Schedule, now: number): Promise<void> {
    if (nextRunAt === null) return;
    const read = await readCron(cron, timeZone);
    await store.write(async (tx) => {
      if (!read.ok) {
        // Time zones come and go with the machine's database of them.
        const problem = `Not active any more: ${read.about} ${read.message}`;
        await updateSchedule(tx.db, id, { active: false, nextRunAt: null, problem }, now);
        return;
      }
      const to = read.recurrence.next(now);
      if (!(await passSchedule(tx.db, { id, from: nextRunAt, to }))) return;
      await orderScheduled(outbox, tx, { scheduleId: id, played: false });
    });
  }

  return { look };
}

const AT_ONCE = 100;
