import { type Static, Type } from 'typebox';
import { GivenVariable, Id, ProjectRef, RestUser, TextOrNull, Time, TimeOrNull } from './fields.ts';

export const RestScheduleVariable = Type.Object({
  key: Type.String(),
  value: Type.String(),
  variable_type: Type.Union([Type.Literal('env_var'), Type.Literal('file')]),
  raw: Type.Boolean(),
});
export type RestScheduleVariable = Static<typeof RestScheduleVariable>;

const OwnerOrNull = Type.Union([RestUser, Type.Null()]);
const Input = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 255 }),
  value: Type.Unknown(),
});

export const RestSchedule = Type.Object({
  id: Type.Integer(),
  description: Type.String(),
  ref: Type.String(),
  cron: Type.String(),
  cron_timezone: Type.String(),
  next_run_at: TimeOrNull,
  active: Type.Boolean(),
  created_at: Time,
  updated_at: Time,
  owner: OwnerOrNull,
  /** Ours: why there was no pipeline the last time, or why it is not active any more. */
  problem: TextOrNull,
});
export type RestSchedule = Static<typeof RestSchedule>;

export const RestScheduleDetails = Type.Object({
  ...RestSchedule.properties,
  last_pipeline: Type.Union([
    Type.Object({ id: Type.Integer(), sha: Type.String(), ref: Type.String(), status: Type.String() }),
    Type.Null(),
  ]),
  variables: Type.Optional(Type.Array(RestScheduleVariable)),
  inputs: Type.Optional(Type.Array(Type.Object({ name: Type.String(), value: Type.Unknown() }))),
});
export type RestScheduleDetails = Static<typeof RestScheduleDetails>;

export const ScheduleParams = Type.Object({ id: ProjectRef, pipeline_schedule_id: Id });
export const ScheduleVariableParams = Type.Object({
  ...ScheduleParams.properties,
  key: Type.String({ minLength: 1, maxLength: 255 }),
});

export const ListSchedules = Type.Object({
  scope: Type.Optional(Type.Union([Type.Literal('active'), Type.Literal('inactive')])),
});

const scheduleKeys = {
  description: Type.String({ minLength: 1, maxLength: 255 }),
  ref: Type.String({ minLength: 1, maxLength: 1000 }),
  cron: Type.String({ minLength: 1, maxLength: 255 }),
  cron_timezone: Type.Optional(Type.String({ maxLength: 64, description: 'UTC when absent' })),
  active: Type.Optional(Type.Boolean()),
  inputs: Type.Optional(Type.Array(Input, { maxItems: 100 })),
} as const;

export const CreateSchedule = Type.Object(scheduleKeys);
export type CreateSchedule = Static<typeof CreateSchedule>;

export const UpdateSchedule = Type.Object({
  ...scheduleKeys,
  description: Type.Optional(scheduleKeys.description),
  ref: Type.Optional(scheduleKeys.ref),
  cron: Type.Optional(scheduleKeys.cron),
  inputs: Type.Optional(
    Type.Array(
      Type.Object({
        ...Input.properties,
        value: Type.Optional(Type.Unknown()),
        destroy: Type.Optional(Type.Boolean()),
      }),
      {
        maxItems: 100,
      },
    ),
  ),
});
export type UpdateSchedule = Static<typeof UpdateSchedule>;

export const CreateScheduleVariable = Type.Object({
  ...GivenVariable.properties,
  raw: Type.Optional(Type.Boolean()),
});
export type CreateScheduleVariable = Static<typeof CreateScheduleVariable>;

export const UpdateScheduleVariable = Type.Omit(CreateScheduleVariable, ['key']);
