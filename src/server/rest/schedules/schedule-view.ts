import type { RestSchedule, RestScheduleDetails, RestScheduleVariable } from '../../../protocol/index.ts';
import { pipelineById, type Schedule, type ScheduleVariable } from '../../../store/index.ts';
import type { ServerParts } from '../../server-parts.ts';
import { time, timeOrNull } from '../views/times.ts';
import { administratorView } from '../views/user-view.ts';

type ViewParts = Pick<ServerParts, 'administrator' | 'server' | 'store'>;

/** A schedule as lists show it. */
export function scheduleView(schedule: Schedule, parts: ViewParts): RestSchedule {
  return {
    id: schedule.id,
    description: schedule.description,
    ref: schedule.ref,
    cron: schedule.cron,
    cron_timezone: schedule.timeZone,
    next_run_at: timeOrNull(schedule.nextRunAt),
    active: schedule.active,
    created_at: time(schedule.createdAt),
    updated_at: time(schedule.updatedAt),
    owner: schedule.owner === null ? null : administratorView(parts),
    problem: schedule.problem,
  };
}

/** A schedule by itself; `isOpen`: with what may be secret. */
export async function scheduleDetails(
  schedule: Schedule,
  parts: ViewParts,
  isOpen: boolean,
): Promise<RestScheduleDetails> {
  const { lastPipelineId } = schedule;
  const last =
    lastPipelineId === null ? null : await parts.store.read((db) => pipelineById(db, lastPipelineId));
  return {
    ...scheduleView(schedule, parts),
    last_pipeline: last === null ? null : { id: last.id, sha: last.sha, ref: last.ref, status: last.status },
    ...(isOpen
      ? {
          variables: schedule.variables.map(scheduleVariableView),
          inputs: Object.entries(schedule.inputs).map(([name, value]) => ({ name, value })),
        }
      : {}),
  };
}

export function scheduleVariableView({
  key,
  value,
  variableType,
  raw,
}: ScheduleVariable): RestScheduleVariable {
  return { key, value, variable_type: variableType, raw };
}
