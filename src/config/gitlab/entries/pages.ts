import type { Json } from '../../../pipeline/index.ts';
import { attribute, byKind, record } from './collections.ts';
import { complain } from './entry.ts';
import { durationText, text } from './scalars.ts';

const MESSAGE = 'should be a hash or a boolean value';

interface PagesKeys {
  path_prefix: string;
  expire_in: string;
  publish: string;
}

/** `pages`: whether the job publishes a website, and how. */
export const pages = byKind(
  {
    scalar: {
      shape: { type: 'boolean' },
      read: (node, at) =>
        node.kind === 'scalar' && typeof node.value === 'boolean'
          ? node.value
          : complain(at, node.span, MESSAGE),
    },
    mapping: record<PagesKeys>({
      path_prefix: attribute(text()),
      expire_in: attribute(durationText({ variables: true })),
      publish: attribute(text()),
    }),
  },
  MESSAGE,
);

/** Whether a job publishes pages: it says so, or is called `pages` and does not say that it does not. */
export function publishesPages(job: string, pages: Json | undefined): boolean {
  if (pages === undefined || pages === null || pages === false || isEmpty(pages)) {
    return job === 'pages' && pages !== false;
  }
  return true;
}

function isEmpty(json: Json): boolean {
  return typeof json === 'object' && json !== null && Object.keys(json).length === 0;
}
