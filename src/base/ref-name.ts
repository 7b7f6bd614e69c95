/**
 * Whether a text can be the name of a branch or tag, without `refs/heads/` in front: the rules of git-check-ref-format,
 * and no name that git reads as something else.
 */
export function isRefName(name: string): boolean {
  if (name === '' || name === 'HEAD') return false;
  if (/^(?:-|refs\/(?:heads|remotes)\/)/.test(name) || /[/.]$/.test(name)) return false;
  if (/[ ~^:?*[\\]|\.\.|\/\/|@\{/.test(name) || hasControlCharacter(name)) return false;
  return name.split('/').every((part) => !part.startsWith('.') && !part.endsWith('.lock'));
}

function hasControlCharacter(name: string): boolean {
  for (let index = 0; index < name.length; index++) {
    const code = name.charCodeAt(index);
    if (code < 32 || code === 127) return true;
  }
  return false;
}
