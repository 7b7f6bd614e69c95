import { isRefName } from '../../base/ref-name.ts';
import { SERVER_REFS } from './repository-config.ts';

/** What a push asks for, or did, to one ref. */
export interface RefUpdate {
  /** The full name: `refs/heads/main`. */
  readonly ref: string;
  /** The hash before; null: there was none. */
  readonly before: string | null;
  /** The hash after; null: the ref is deleted. */
  readonly after: string | null;
}

/**
 * Why no push may touch a ref of this name, whoever pushes; null when it may. People have branches, tags and notes; the
 * rest is the server's (`refs/pipelines/`) or would be read by nobody. A name that looks like a hash would be taken for
 * the commit by whoever asks for it.
 */
export function refuseRefName(ref: string): string | null {
  const { start, name } = splitRef(ref);
  if (!PUSHED.has(start)) return 'only branches, tags and notes can be pushed';
  if (!isRefName(name)) return 'this is no name that a ref can have';
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i.test(name) ? 'this name looks like the hash of a commit' : null;
}

/**
 * Whether a repository of the server can have a ref of this name: one that a push can make, by the same rule, or one of
 * the server's own.
 */
export function isServedRef(ref: string): boolean {
  const { start, name } = splitRef(ref);
  return (PUSHED.has(start) || SERVED.has(start)) && isRefName(name);
}

/** The namespaces that people push to. */
export const PUSHED_REFS = ['refs/heads', 'refs/tags', 'refs/notes'] as const;

const PUSHED: ReadonlySet<string> = new Set(PUSHED_REFS);
const SERVED: ReadonlySet<string> = new Set(SERVER_REFS);

/** Two empty texts for what has no namespace. */
function splitRef(ref: string): { readonly start: string; readonly name: string } {
  const [, start = '', name = ''] = /^(refs\/[^/]+)\/(.*)$/s.exec(ref) ?? [];
  return { start, name };
}

/** The hash as git writes it, or null for the row of zeros that stands for none. */
export function readHash(text: string): string | null {
  return /^0+$/.test(text) ? null : text.toLowerCase();
}
