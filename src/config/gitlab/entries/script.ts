import { byKind, child, into, listOf, record } from './collections.ts';
import type { Entry } from './entry.ts';
import { text } from './scalars.ts';

const NOT_A_SCRIPT = 'should be a string or a nested array of strings up to 10 levels deep';

const line = text({ message: NOT_A_SCRIPT });

/** `script`, `before_script`, `after_script`: one text or lists of texts within lists, flattened. */
export const script: Entry<readonly string[]> = byKind(
  { scalar: into(line, (value) => [value]), sequence: listOf(line, { nested: true }) },
  NOT_A_SCRIPT,
);

/** `hooks: {pre_get_sources_script}`: what runs before the sources are fetched. */
export const hooks: Entry<readonly string[] | null> = into(
  record<{ pre_get_sources_script: readonly string[] }>({ pre_get_sources_script: child(script) }),
  ({ values }) => values.pre_get_sources_script ?? null,
);
