import { isRefName } from '../../../base/ref-name.ts';

/**
 * What a person may mean by a ref, in the order in which git tries it: a commit, a full name, a tag, a branch. Empty for
 * all that is no name: options, ranges, patterns, paths and searches.
 */
export function refNames(ref: string): readonly string[] {
  if (isHash(ref)) return [ref.toLowerCase()];
  if (ref === 'HEAD') return ['HEAD'];
  if (ref.length > MAX_NAME || ref === '@') return [];
  const full = /^refs\/(?:heads|tags|merge-requests|pipelines)\/(.+)$/s.exec(ref)?.[1];
  if (full !== undefined) return isRefName(full) ? [ref] : [];
  return isRefName(ref) ? [`refs/tags/${ref}`, `refs/heads/${ref}`] : [];
}

export function isHash(text: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i.test(text);
}

const MAX_NAME = 1_000;
