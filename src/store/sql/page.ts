/**
 * A part of a list that is ordered by ids: from an id on, or after so many. It goes on from an id and counts nothing, so
 * a page costs the same wherever it stands; `offset` costs what it passes over.
 */
export interface Page {
  readonly limit: number;
  /** Only smaller ids. */
  readonly before?: number;
  /** Only larger ids. */
  readonly after?: number;
  readonly offset?: number;
  /** Absent: as the list has it. */
  readonly order?: 'asc' | 'desc';
}

interface Paged<Q> {
  where(column: 'id', operator: '<' | '>', value: number): Q;
  orderBy(column: 'id', direction: 'asc' | 'desc'): Q;
  limit(count: number): Q;
  offset(count: number): Q;
}

/** The page of a query that has no order yet. */
export function pageOf<Q extends Paged<Q>>(query: Q, page: Page, usualOrder: 'asc' | 'desc'): Q {
  let paged = query.orderBy('id', page.order ?? usualOrder).limit(page.limit);
  if (page.before !== undefined) paged = paged.where('id', '<', page.before);
  if (page.after !== undefined) paged = paged.where('id', '>', page.after);
  if (page.offset !== undefined && page.offset > 0) paged = paged.offset(page.offset);
  return paged;
}
