import { isRefName } from '../../../base/ref-name.ts';
import type { Node } from '../../document/index.ts';

import { attribute, child, into, record } from './collections.ts';
import { complain, type Entry, type Position, type Shape } from './entry.ts';
import { textOrTexts } from './id-tokens.ts';
import { text } from './scalars.ts';

const ANY: Shape = { type: 'any' };
const anything: Entry<Node> = { shape: ANY, read: (node) => node };

/** What a link is made of is looked at only when the release is made. */
const links: Entry<Node> = {
  shape: {
    type: 'list',
    items: { type: 'record', fields: { name: ANY, url: ANY, filepath: ANY, link_type: ANY }, open: true },
    minItems: 1,
  },
  read(node, at) {
    if (node.kind !== 'sequence' || node.items.some((item) => item.kind !== 'mapping')) {
      return complain(at, node.span, 'should be an array of hashes');
    }
    return node.items.length === 0 ? complain(at, node.span, "can't be blank") : node;
  },
};

interface ReleaseKeys {
  tag_name: string;
  tag_message: string;
  name: Node;
  description: string;
  ref: string;
  released_at: string;
  milestones: readonly string[];
  assets: unknown;
}

/** `release`: what is released when the job has passed. */
export const release = record<ReleaseKeys>(
  {
    tag_name: attribute(text({ blank: false })),
    tag_message: attribute(text()),
    name: attribute(anything),
    description: attribute(text({ blank: false })),
    ref: attribute(into(text(), checkedRef)),
    released_at: attribute(into(text({ message: 'must be a valid datetime' }), checkedTime)),
    milestones: attribute(textOrTexts),
    assets: child(record<{ links: Node }>({ links: attribute(links) }, { required: ['links'] })),
  },
  { required: ['tag_name', 'description'] },
);

function checkedRef(ref: string, at: Position, node: Node): string | undefined {
  return isRefName(ref) ? ref : complain(at, node.span, 'must be a valid ref');
}

function checkedTime(time: string, at: Position, node: Node): string | undefined {
  if (isIsoTime(time)) return time;
  return complain(at, node.span, 'must be a valid datetime', {
    hint: 'Write it as ISO 8601, for example "2030-01-31T08:00:00Z".',
  });
}

const ISO_TIME =
  /^\s*[-+]?(\d{4})(?:-?(\d\d)-?(\d\d)|-?\d{3}|-?W\d\d-?\d)(?:T\d\d(?::?\d\d(?::?\d\d(?:[.,]\d+)?)?)?(?:Z|[-+]\d\d(?::?\d\d)?)?)?\s*$/i;

function isIsoTime(time: string): boolean {
  const match = ISO_TIME.exec(time);
  if (match === null) return false;
  const [, year, month, day] = match;
  if (month === undefined) return true;
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  return date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
}
