import { printable } from '../../base/printable.ts';

/** What somebody may do to a ref. */
export type RefRule =
  | { readonly kind: 'allowed' }
  /** Only if all that was there stays: no commit is taken away. */
  | { readonly kind: 'forward-only'; readonly why: string }
  | { readonly kind: 'refused'; readonly why: string };

/**
 * The rules of one push as the hook reads them, a line each; the empty text when all is allowed, so that no hook is
 * needed. null when they are more than a process can be given.
 */
export function encodeRefRules(rules: readonly (readonly [ref: string, rule: RefRule])[]): string | null {
  const lines = rules.flatMap(([ref, rule]) =>
    rule.kind === 'allowed' ? [] : [`${rule.kind} ${ref} ${printable(rule.why).slice(0, 200)}\n`],
  );
  const text = lines.join('');
  return Buffer.byteLength(text) > MAX_RULES_BYTES ? null : text;
}

/** The variable that the hook reads. */
export const REF_RULES_VARIABLE = 'SLIPWAY_REF_RULES';

/** Linux takes 128 KiB in one variable. */
const MAX_RULES_BYTES = 120_000;

/**
 * Our `update` hook: git asks it about each ref, with all objects there and before anything is changed. It is the only
 * hook there is, starts nothing for a ref without a rule, and knows nothing but this one push. No ref has a space in its
 * name, so a line cannot be mistaken for another's.
 */
export const UPDATE_HOOK = `#!/bin/sh
# Written by Slipway at each start. Answers for one ref of one push: $1 is its name, $2 and $3 the hashes before and after.
nl='
'
rules="$nl$${REF_RULES_VARIABLE}"
case "$rules" in
  *"\${nl}refused $1 "*) why="\${rules#*"\${nl}refused $1 "}" ;;
  *"\${nl}forward-only $1 "*)
    case "$2" in
      *[!0]*) git merge-base --is-ancestor "$2" "$3" && exit 0 ;;
      *) exit 0 ;;
    esac
    why="\${rules#*"\${nl}forward-only $1 "}"
    ;;
  *) exit 0 ;;
esac
printf '%s\\n' "$1: \${why%%"$nl"*}" >&2
exit 1
`;
