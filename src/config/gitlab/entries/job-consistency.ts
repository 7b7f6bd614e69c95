import { parseDuration } from '../../../base/duration.ts';
import type { MappingNode, Node } from '../../document/index.ts';
import { type Fields, isNull } from './collections.ts';
import { attributeOf, complain, type Position, say } from './entry.ts';
import type { BuildKeys } from './job-keys.ts';
import { publishesPages } from './pages.ts';
import { WEEK } from './rules.ts';
import { duration, isBlank, textOf } from './scalars.ts';

/** What must hold between the keywords of a build job. */
export function isConsistent(
  name: string,
  node: MappingNode,
  fields: Fields<BuildKeys>,
  at: Position,
): boolean {
  return (
    goesWithRules(fields, NOT_WITH_RULES, at) &&
    isStartInRight(fields, at) &&
    hasWork(node, fields, at) &&
    hasOnePublish(name, fields, at)
  );
}

/** What `rules` decide as well, or instead. */
export const NOT_WITH_RULES = ['only', 'except', 'start_in'] as const;

/** Reports those of the keys that stand beside `rules`, which decide the same. */
export function goesWithRules<K extends string>(
  { values, spanOf }: Fields<Record<K | 'rules', unknown>>,
  keys: readonly K[],
  at: Position,
): boolean {
  const conflicts = values.rules === undefined ? [] : keys.filter((key) => values[key] !== undefined);
  const [first] = conflicts;
  if (first === undefined) return true;
  const message = `key may not be used with \`rules\`: ${conflicts.join(', ')}`;
  complain(at, spanOf(first), message, { code: 'keywords-conflict' });
  return false;
}

/** A job without steps has a script that is not empty. */
function hasWork(node: MappingNode, { values, spanOf }: Fields<BuildKeys>, at: Position): boolean {
  if (node.entries.has('run')) return true;
  const written = node.entries.get('script')?.value;
  const blank =
    written === undefined ||
    isNull(written) ||
    (written.kind === 'sequence' ? written.items.length === 0 : values.script?.every(isBlank) === true);
  if (blank) complain(attributeOf(at, 'script'), spanOf('script'), "can't be blank");
  return !blank;
}

/** The folder that pages are made of is named once, and only by a job that publishes pages. */
function hasOnePublish(name: string, { values, spanOf }: Fields<BuildKeys>, at: Position): boolean {
  const { publish, pages } = values;
  if (publish === undefined) return true;
  if (typeof publish === 'string' && isBlank(publish)) return true;
  if (!publishesPages(name, pages)) {
    const message = 'can only be used within a `pages` job';
    complain(attributeOf(at, 'publish'), spanOf('publish'), message, { hint: 'Add `pages: true`.' });
    return false;
  }
  if (typeof pages !== 'object' || pages === null || !Object.hasOwn(pages, 'publish')) return true;
  say(at, spanOf('publish'), `${name} job: use either ${name}:publish or ${name}:pages:publish`, {
    code: 'keywords-conflict',
  });
  return false;
}

function isStartInRight({ values, spanOf }: Fields<BuildKeys>, at: Position): boolean {
  const { when, start_in: node } = values;
  const startIn = attributeOf(at, 'start_in');
  if (when === 'delayed') {
    if (node !== undefined) return delay.read(node, startIn) !== undefined;
    complain(startIn, spanOf('when'), 'should be a duration', {
      hint: 'Say how long to wait, for example `start_in: 30 minutes`.',
    });
    return false;
  }
  if (node === undefined || textOf(node)?.trim() === '') return true;
  complain(startIn, node.span, 'must be blank', { hint: '`start_in` goes with `when: delayed`.' });
  return false;
}

const delay = duration(WEEK);

/** What `start_in` says, once it has been checked. */
export function secondsOf(node: Node | undefined): number | null {
  const written = node === undefined ? null : textOf(node);
  return written === null ? null : parseDuration(written);
}
