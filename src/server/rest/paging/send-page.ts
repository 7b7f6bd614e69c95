import type { FastifyReply, FastifyRequest } from 'fastify';
import { writeCursor } from './cursor.ts';
import type { AskedPage } from './page-of.ts';

/**
 * Sets the headers of a page as GitLab does, and answers with its rows: `rows` may have one more than the page. How many
 * there are of all is not said, as GitLab does not for long lists: nobody counts a million jobs to show twenty.
 */
export function pageRows<Row extends { readonly id: number }>(
  {
    request,
    reply,
    url,
  }: { readonly request: FastifyRequest; readonly reply: PageReply; readonly url: string },
  { perPage, number }: AskedPage,
  rows: readonly Row[],
): Row[] {
  const shown = rows.slice(0, perPage);
  const isMore = rows.length > perPage;
  const here = new URL(request.url, `${url}/`);
  const links: string[] = [];
  const link = (rel: string, changes: Readonly<Record<string, string>>) => {
    const there = new URL(here);
    for (const [key, value] of Object.entries(changes)) there.searchParams.set(key, value);
    links.push(`<${there.href}>; rel="${rel}"`);
  };
  if (number === null) {
    const last = shown.at(-1);
    if (isMore && last !== undefined) {
      link('next', { pagination: 'keyset', per_page: String(perPage), cursor: writeCursor(last.id) });
    }
  } else {
    const at = (page: number) => ({ page: String(page), per_page: String(perPage) });
    if (number > 1) link('prev', at(number - 1));
    if (isMore) link('next', at(number + 1));
    link('first', at(1));
    reply.headers({
      'x-page': String(number),
      'x-per-page': String(perPage),
      'x-prev-page': number > 1 ? String(number - 1) : '',
      'x-next-page': isMore ? String(number + 1) : '',
    });
  }
  if (links.length > 0) reply.header('link', links.join(', '));
  return shown;
}

/** What is needed of an answer here, whatever the types of its route. */
type PageReply = Pick<FastifyReply, 'header' | 'headers'>;
