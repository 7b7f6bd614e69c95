import { type Static, Type } from 'typebox';
import { Id, ProjectRef, pageKeys, RestUser, TextOrNull, Time, TimeOrNull } from './fields.ts';

const State = Type.Union([Type.Literal('opened'), Type.Literal('closed'), Type.Literal('merged')]);

export const RestMergeRequest = Type.Object({
  id: Type.Integer(),
  iid: Type.Integer(),
  project_id: Type.Integer(),
  title: Type.String(),
  description: Type.String(),
  state: State,
  draft: Type.Boolean(),
  labels: Type.Array(Type.String()),
  source_branch: Type.String(),
  target_branch: Type.String(),
  source_project_id: Type.Integer(),
  target_project_id: Type.Integer(),
  sha: TextOrNull,
  author: RestUser,
  created_at: Time,
  updated_at: Time,
  closed_at: TimeOrNull,
  merged_at: TimeOrNull,
  web_url: Type.String(),
});
export type RestMergeRequest = Static<typeof RestMergeRequest>;

export const MergeRequestParams = Type.Object({ id: ProjectRef, merge_request_iid: Id });

const branch = Type.String({ minLength: 1, maxLength: 1000 });
const labels = Type.String({ maxLength: 4000, description: 'With commas between them' });

export const ListMergeRequests = Type.Object({
  ...pageKeys,
  state: Type.Optional(Type.Union([State, Type.Literal('all')])),
  source_branch: Type.Optional(branch),
  target_branch: Type.Optional(branch),
});

export const CreateMergeRequest = Type.Object({
  source_branch: branch,
  target_branch: branch,
  title: Type.String({ minLength: 1, maxLength: 255 }),
  description: Type.Optional(Type.String({ maxLength: 1_000_000 })),
  labels: Type.Optional(labels),
});

export const UpdateMergeRequest = Type.Object({
  target_branch: Type.Optional(branch),
  title: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
  description: Type.Optional(Type.String({ maxLength: 1_000_000 })),
  labels: Type.Optional(labels),
  state_event: Type.Optional(Type.Union([Type.Literal('close'), Type.Literal('reopen')])),
});
export type UpdateMergeRequest = Static<typeof UpdateMergeRequest>;
