import type { FastifyReply, FastifyRequest } from 'fastify';
import { pageOf } from './page-of.ts';
import { pageRows } from './send-page.ts';

/** A page of a list that is short enough to be read whole, such as a project's variables. */
export function slicePage<Row>(
  to: {
    readonly request: FastifyRequest;
    readonly reply: Pick<FastifyReply, 'header' | 'headers'>;
    readonly url: string;
  },
  query: { readonly page?: number; readonly per_page?: number },
  all: readonly Row[],
): Row[] {
  const asked = pageOf(query);
  const from = asked.page.offset ?? 0;
  const rows = all.slice(from, from + asked.page.limit).map((row, index) => ({ id: index, row }));
  return pageRows(to, asked, rows).map(({ row }) => row);
}
