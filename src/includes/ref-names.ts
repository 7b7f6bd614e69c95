/**
 * The full names that a ref may stand for, in git's order of meaning: a tag before a branch. Empty when git would take
 * no such name, and so for whatever could mean something else than a name: options, ranges, patterns, paths.
 */
export function refNames(ref: string): readonly string[] {
  if (ref === 'HEAD') return ['HEAD'];
  if (!isRefName(ref)) return [];
  return ref.startsWith('refs/') ? [ref] : [`refs/tags/${ref}`, `refs/heads/${ref}`];
}

/** By the rules of git check-ref-format; a name that begins with a dash, which no branch may have, is none either. */
function isRefName(ref: string): boolean {
  if (ref.length > 255 || ref === '' || ref === '@' || ref.startsWith('-')) return false;
  if (/[\0-\x20\x7f~^:?*[\\]|\.\.|@\{|\/\/|\.$|\/$|^\//.test(ref)) return false;
  return ref.split('/').every((part) => !part.startsWith('.') && !part.endsWith('.lock'));
}

/** `group/sub/name`, with nothing in it that could lead a path or an address elsewhere. */
export function isProjectPath(path: string): boolean {
  if (path.length > 500) return false;
  const parts = path.split('/');
  return (
    parts.length >= 2 && parts.every((part) => /^[A-Za-z0-9_][\w.-]*$/.test(part) && !part.includes('..'))
  );
}
