/**
 * A project's path as an address has it, `group/sub/name`; null when no project can have it. A part begins with a letter,
 * a digit or `_`, so that none is `..` or looks like an option, and does not end as a git folder does.
 */
export function readProjectPath(text: string): string | null {
  const parts = text.split('/');
  if (parts.length < 2 || parts.length > MAX_PARTS) return null;
  return parts.every((part) => PART.test(part) && !/\.(?:git|lock|atom|wiki)$/i.test(part)) ? text : null;
}

const MAX_PARTS = 21;
const PART = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,254}$/;
