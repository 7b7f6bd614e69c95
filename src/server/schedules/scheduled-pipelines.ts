import type { Clock } from '../../base/clock.ts';
import type { PipelineContext } from '../../config/index.ts';
import {
  type LeasedEntry,
  noteScheduleRun,
  projectById,
  type Schedule,
  type Store,
  scheduleById,
  updateSchedule,
} from '../../store/index.ts';
import type { Repositories } from '../git/index.ts';
import type { OrderedPipeline, PipelineMaker } from '../pipelines/create-pipeline.ts';
import { findRef } from '../pipelines/find-ref.ts';
import { SCHEDULE_ORDERS } from './schedule-orders.ts';

export interface ScheduledPipelinesParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly maker: PipelineMaker;
  readonly repositories: Repositories;
  readonly administrator: PipelineContext['user'];
}

/** Makes the pipelines that schedules want; an order that is carried out twice has one pipeline. */
export function createScheduledPipelines(parts: ScheduledPipelinesParts): {
  carryOut(entry: LeasedEntry): Promise<void>;
} {
  const { store, clock, maker } = parts;

  async function make(schedule: Schedule, order: number): Promise<void> {
    const project = await store.read((db) => projectById(db, schedule.projectId));
    if (project === null) return;
    const found = await findRef(parts, project.id, schedule.ref);
    if (found === null) {
      const problem = `Not active any more: ${schedule.ref} is gone`;
      await store.write(({ db }) =>
        updateSchedule(db, schedule.id, { active: false, nextRunAt: null, problem }, clock.now()),
      );
      return;
    }
    const made = await maker.make({
      project,
      ...{ ref: found.ref, hash: found.hash, before: null, source: 'schedule', inputs: schedule.inputs },
      user: parts.administrator,
      variables: Object.fromEntries(
        schedule.variables.map(({ key, value, variableType, raw }) => [
          key,
          { value, expand: !raw, masked: false, file: variableType === 'file' },
        ]),
      ),
      schedule: { id: schedule.id, description: schedule.description },
      also: async ({ db }, { id: pipelineId }) => {
        const run = { id: schedule.id, order, pipelineId, problem: null };
        if (!(await noteScheduleRun(db, run))) throw new MadeBefore();
      },
    });
    const problem = problemOf(made);
    if (problem === null) return;
    await store.write(({ db }) => noteScheduleRun(db, { id: schedule.id, order, pipelineId: null, problem }));
  }

  return {
    async carryOut({ id, body }) {
      const { scheduleId, played } = SCHEDULE_ORDERS.read(body);
      const schedule = await store.read((db) => scheduleById(db, scheduleId));
      if (schedule === null || (!schedule.active && !played)) return;
      try {
        await make(schedule, id);
      } catch (error) {
        if (!(error instanceof MadeBefore)) throw error;
      }
    },
  };
}

/** Undoes the pipeline that would have been a second one. */
class MadeBefore extends Error {
  override readonly name = 'MadeBefore';
}

/** Why there is no pipeline; null: there is one. */
function problemOf(made: OrderedPipeline): string | null {
  if (made.kind === 'created' || made.kind === 'invalid') return null;
  return made.kind === 'no-commit' ? 'The commit is gone' : REASONS[made.why];
}

const REASONS = {
  'no-file': 'There is no pipeline file',
  filtered_by_workflow: 'workflow:rules wants no pipeline',
  empty: 'None of the jobs is to run',
  skipped: 'The message of the commit asks for no pipeline',
} as const;
