import { Type } from 'typebox';

/** The words for how a job or a pipeline stands that somebody may ask for: GitLab's, but for those that nothing of ours is in. */
export const StatusName = Type.Union([
  Type.Literal('created'),
  Type.Literal('waiting_for_resource'),
  Type.Literal('preparing'),
  Type.Literal('pending'),
  Type.Literal('running'),
  Type.Literal('success'),
  Type.Literal('failed'),
  Type.Literal('canceling'),
  Type.Literal('canceled'),
  Type.Literal('skipped'),
  Type.Literal('manual'),
  Type.Literal('scheduled'),
]);
