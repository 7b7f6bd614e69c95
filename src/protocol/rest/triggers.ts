import { type Static, Type } from 'typebox';
import { Id, ProjectRef, RestUser, Time, TimeOrNull } from './fields.ts';

export const RestTrigger = Type.Object({
  id: Type.Integer(),
  description: Type.String(),
  /** Whole only in the answer to the request that made it; later only its beginning. */
  token: Type.String(),
  expires_at: TimeOrNull,
  last_used: TimeOrNull,
  created_at: Time,
  updated_at: Time,
  owner: RestUser,
});
export type RestTrigger = Static<typeof RestTrigger>;

export const TriggerParams = Type.Object({ id: ProjectRef, trigger_id: Id });

export const CreateTrigger = Type.Object({
  description: Type.String({ minLength: 1, maxLength: 255 }),
  expires_at: Type.Optional(Type.String({ format: 'date-time' })),
});

export const UpdateTrigger = Type.Object({
  description: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
});

/** Where a pipeline is triggered; what is given with it may stand in the address, in JSON or in a form. */
export const TriggeredParams = Type.Object({
  id: ProjectRef,
  ref: Type.Optional(Type.String({ minLength: 1, maxLength: 1000 })),
});

export const AnyKeys = Type.Unsafe<Readonly<Record<string, unknown>> | null | undefined>({});

export const RestAllowedProject = Type.Object({
  source_project_id: Type.Integer(),
  target_project_id: Type.Integer(),
});

export const AllowProject = Type.Object({ target_project_id: Id });
export const AllowedProjectParams = Type.Object({ id: ProjectRef, target_project_id: Id });
