import { type Static, Type } from 'typebox';
import { ProjectRef, Time } from './fields.ts';
import { RestJob } from './jobs.ts';

export const ProcessMode = Type.Union([
  Type.Literal('unordered'),
  Type.Literal('oldest_first'),
  Type.Literal('newest_first'),
  Type.Literal('newest_ready_first'),
]);

export const RestResourceGroup = Type.Object({
  id: Type.Integer(),
  key: Type.String(),
  process_mode: ProcessMode,
  created_at: Time,
  updated_at: Time,
});
export type RestResourceGroup = Static<typeof RestResourceGroup>;

export const ResourceGroupParams = Type.Object({
  id: ProjectRef,
  key: Type.String({ minLength: 1, maxLength: 255 }),
});

export const UpdateResourceGroup = Type.Object({ process_mode: Type.Optional(ProcessMode) });

/** A list of jobs, or one. */
export const AnyJobs = Type.Union([Type.Array(RestJob), RestJob]);
