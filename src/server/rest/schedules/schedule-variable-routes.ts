import { type Schedule, type ScheduleVariable, scheduleById, updateSchedule } from '../../../store/index.ts';
import { Refusal } from '../../runner-api/refusal.ts';
import type { RestScope } from '../rest-scope.ts';
import { wrongFields } from '../wrong-fields.ts';
import { scheduleIn } from './schedule-in.ts';
import { scheduleVariableView } from './schedule-view.ts';

/** The variables that a schedule gives to its pipelines. */
export function scheduleVariableRoutes({ api, parts, schemas, access }: RestScope): void {
  const { RestScheduleVariable, RestFailure, ScheduleParams, ScheduleVariableParams } = schemas;
  const { store, clock } = parts;
  const path = '/projects/:id/pipeline_schedules/:pipeline_schedule_id/variables';

  /** Changes the list as it stands when nobody else does. */
  async function change(
    id: number,
    how: (variables: readonly ScheduleVariable[]) => readonly ScheduleVariable[],
  ): Promise<void> {
    await store.write(async ({ db }) => {
      await db
        .selectFrom('schedules')
        .select('id')
        .where('id', '=', id)
        .modifyEnd(store.dialect.lockRows)
        .execute();
      const schedule: Schedule | null = await scheduleById(db, id);
      if (schedule === null) throw new Refusal(404, '404 Pipeline Schedule Not Found');
      await updateSchedule(db, id, { variables: how(schedule.variables) }, clock.now());
    });
  }

  api.post(
    path,
    {
      schema: {
        summary: 'Give a schedule a variable',
        params: ScheduleParams,
        body: schemas.CreateScheduleVariable,
        response: { 201: RestScheduleVariable, '4xx': RestFailure },
      },
    },
    async (request, reply) => {
      const project = await access.project(request, request.params.id, { writes: true });
      const { id } = await scheduleIn(parts, project, request.params.pipeline_schedule_id);
      const { key, value, variable_type: variableType = 'env_var', raw = false } = request.body;
      const added: ScheduleVariable = { key, value, variableType, raw };
      await change(id, (variables) => {
        if (variables.some((variable) => variable.key === key)) {
          throw wrongFields({ key: ['has already been taken'] });
        }
        if (variables.length >= MOST_VARIABLES) {
          throw wrongFields({ base: [`A schedule has at most ${MOST_VARIABLES} variables`] });
        }
        return [...variables, added];
      });
      return reply.code(201).send(scheduleVariableView(added));
    },
  );

  api.put(
    `${path}/:key`,
    {
      schema: {
        summary: 'Change a variable of a schedule',
        params: ScheduleVariableParams,
        body: schemas.UpdateScheduleVariable,
        response: { 200: RestScheduleVariable, '4xx': RestFailure },
      },
    },
    async (request) => {
      const project = await access.project(request, request.params.id, { writes: true });
      const { id, variables: known } = await scheduleIn(parts, project, request.params.pipeline_schedule_id);
      const before = found(known, request.params.key);
      const { value, variable_type: variableType = before.variableType, raw = before.raw } = request.body;
      const after: ScheduleVariable = { key: before.key, value, variableType, raw };
      await change(id, (variables) => variables.map((each) => (each.key === after.key ? after : each)));
      return scheduleVariableView(after);
    },
  );

  api.delete(
    `${path}/:key`,
    {
      schema: {
        summary: 'Take a variable from a schedule',
        params: ScheduleVariableParams,
        response: { 202: RestScheduleVariable, '4xx': RestFailure },
      },
    },
    async (request, reply) => {
      const project = await access.project(request, request.params.id, { writes: true });
      const { id, variables: known } = await scheduleIn(parts, project, request.params.pipeline_schedule_id);
      const before = found(known, request.params.key);
      await change(id, (variables) => variables.filter(({ key }) => key !== before.key));
      return reply.code(202).send(scheduleVariableView(before));
    },
  );
}

const MOST_VARIABLES = 100;

function found(variables: readonly ScheduleVariable[], key: string): ScheduleVariable {
  const variable = variables.find((each) => each.key === key);
  if (variable === undefined) throw new Refusal(404, '404 Pipeline Schedule Variable Not Found');
  return variable;
}
