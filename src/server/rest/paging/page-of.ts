import type { PageQuery } from '../../../protocol/index.ts';
import type { Page } from '../../../store/index.ts';
import { Refusal } from '../../runner-api/refusal.ts';
import { readCursor } from './cursor.ts';

/** The page that a request asks for. */
export interface AskedPage {
  /** Of the list in the store: one more than is shown, to see whether there is another page. */
  readonly page: Page;
  readonly perPage: number;
  /** null: by cursors. */
  readonly number: number | null;
  readonly order: 'asc' | 'desc';
}

/**
 * GitLab's pagination, by offset (`page`) or by cursor (`pagination=keyset`), on ids. Offsets end where they get slow;
 * cursors never do. Throws a Refusal for a page that cannot be given.
 */
export function pageOf(query: PageQuery, usualOrder: 'asc' | 'desc' = 'desc'): AskedPage {
  const { per_page: perPage = 20, sort: order = usualOrder, cursor } = query;
  const limit = perPage + 1;
  if (query.pagination === 'keyset' || cursor !== undefined) {
    if (query.page !== undefined && query.page > 1)
      throw new Refusal(400, 'page and a cursor exclude each other');
    if (cursor === undefined) return { page: { limit, order }, perPage, number: null, order };
    const from = readCursor(cursor);
    if (from === null) throw new Refusal(400, 'cursor is invalid');
    const page = order === 'desc' ? { limit, order, before: from } : { limit, order, after: from };
    return { page, perPage, number: null, order };
  }
  const { page: number = 1 } = query;
  const offset = (number - 1) * perPage;
  if (offset > MOST_OFFSET) {
    throw new Refusal(405, `Offset pagination ends at ${MOST_OFFSET} entries: use pagination=keyset`);
  }
  return { page: { limit, order, offset }, perPage, number, order };
}

const MOST_OFFSET = 20_000;
