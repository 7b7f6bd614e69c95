import type { ListProjectJobs } from '../../../protocol/index.ts';

/** The statuses that a list of jobs is about, written `scope=…` or `scope[]=…`; none: all. */
export function scopesOf(query: Pick<ListProjectJobs, 'scope' | 'scope[]'>): readonly string[] {
  return [...(query.scope ?? []), ...(query['scope[]'] ?? [])];
}
