import type { FailureReason } from '../pipeline/index.ts';

/** There is no downstream pipeline, and so the bridge fails: GitLab's reason, and a sentence for a person. */
export interface Refusal {
  readonly kind: 'refused';
  readonly reason: FailureReason;
  readonly message: string;
}

export function refused(reason: FailureReason, message: string): Refusal {
  return { kind: 'refused', reason, message };
}
