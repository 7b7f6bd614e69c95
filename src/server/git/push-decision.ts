import type { OpenedRepository } from './ports.ts';
import type { PushHead } from './push-head.ts';
import { type PushOptions, readPushOptions } from './push-options.ts';
import { encodeRefRules, type RefRule } from './ref-rules.ts';
import { type RefUpdate, refuseRefName } from './ref-update.ts';

export type PushDecision =
  /** git is asked, with these rules for its hook (an empty text: without hook). */
  | {
      readonly kind: 'ask-git';
      readonly rules: string;
      readonly options: PushOptions;
      readonly warnings: readonly string[];
    }
  /** Nothing of it is done. `reason`: a few words for each ref; `lines`: the whole of it. */
  | { readonly kind: 'refused'; readonly reason: string; readonly lines: readonly string[] };

/** Decides on a push by what stands before its objects; pure. */
export function decidePush(head: PushHead, repository: OpenedRepository): PushDecision {
  const read = readPushOptions(head.options);
  if (read.errors.length > 0) return { kind: 'refused', reason: 'push option not valid', lines: read.errors };
  const rules = encodeRefRules(head.updates.map((update) => [update.ref, ruleOf(update, repository)]));
  if (rules === null) {
    const lines = ['This push changes more protected refs than can be looked at in one. Push them in parts.'];
    return { kind: 'refused', reason: 'too many protected refs at once', lines };
  }
  return { kind: 'ask-git', rules, options: read.options, warnings: read.warnings };
}

function ruleOf(update: RefUpdate, repository: OpenedRepository): RefRule {
  const why = refuseRefName(update.ref) ?? refuseDeletion(update, repository);
  return why === null ? repository.ruleFor(update) : { kind: 'refused', why };
}

function refuseDeletion({ ref, after }: RefUpdate, { defaultBranch }: OpenedRepository): string | null {
  if (after !== null || ref !== `refs/heads/${defaultBranch}`) return null;
  return 'this is the default branch of the project; it cannot be deleted while it is that';
}
