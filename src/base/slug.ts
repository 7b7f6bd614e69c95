const MAX_SLUG = 63;
const MAX_ENVIRONMENT_SLUG = 24;
const SUFFIX = 6;

/**
 * A ref's or a job's name as a DNS label: lower case, everything but a–z and 0–9 a dash, at most 63 characters, no
 * dash at the ends. Makes CI_COMMIT_REF_SLUG, CI_JOB_NAME_SLUG and CI_PROJECT_PATH_SLUG.
 */
export function slugify(name: string): string {
  return trimDashes(dashed(name).slice(0, MAX_SLUG));
}

/**
 * CI_ENVIRONMENT_SLUG: starts with a letter, at most 24 characters, no doubled dash. A name that does not survive
 * unchanged gets six characters made from its hash, so that two names never share a slug by accident.
 */
export function environmentSlug(name: string): string {
  const plain = dashed(name);
  const slug = (/^[a-z]/.test(plain) ? plain : `env-${plain}`).replace(/-+/g, '-');
  if (slug === name && slug.length <= MAX_ENVIRONMENT_SLUG) return slug.replace(/-$/, '');
  const stem = slug.slice(0, MAX_ENVIRONMENT_SLUG - SUFFIX - 1);
  return `${stem}${stem.endsWith('-') ? '' : '-'}${hashSuffix(name)}`;
}

function dashed(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/gu, '-');
}

function trimDashes(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && text[start] === '-') start += 1;
  while (end > start && text[end - 1] === '-') end -= 1;
  return text.slice(start, end);
}

function hashSuffix(name: string): string {
  // Loaded here because it costs 5 ms, and few pipelines have an environment whose name needs it.
  const { createHash } = process.getBuiltinModule('node:crypto');
  const digest = createHash('sha256').update(name).digest('hex');
  return BigInt(`0x${digest}`).toString(36).slice(-SUFFIX);
}
