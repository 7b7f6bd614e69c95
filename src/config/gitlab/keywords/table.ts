import { FILES } from './files.ts';
import { INCLUDE } from './include.ts';
import { JOB } from './job.ts';
import type { Keyword, Keywords, Treatment } from './keyword.ts';
import { OUTSIDE } from './outside.ts';
import { RELEASE } from './release.ts';
import { REPORTS } from './reports.ts';
import { ROOT } from './root.ts';
import { SECRETS } from './secrets.ts';
import { SPEC } from './spec.ts';
import { STEPS } from './steps.ts';
import { SURROUNDINGS } from './surroundings.ts';
import { TRIGGER } from './trigger.ts';
import { WHEN } from './when.ts';

/** Every keyword that has a text of its own, by path. A test holds it against the shapes that are read. */
export const KEYWORDS: Keywords = {
  ...SPEC,
  ...INCLUDE,
  ...ROOT,
  ...JOB,
  ...WHEN,
  ...FILES,
  ...REPORTS,
  ...SURROUNDINGS,
  ...TRIGGER,
  ...OUTSIDE,
  ...STEPS,
  ...RELEASE,
  ...SECRETS,
};

/** What is below the first path means the same as below the second, unless it has a text of its own. */
export const SAME_BELOW: Readonly<Record<string, string>> = {
  default: 'job',
  image: 'job:image',
  services: 'job:services',
  cache: 'job:cache',
  'include:rules': 'job:rules',
  'workflow:rules': 'job:rules',
  'workflow:rules:auto_cancel': 'workflow:auto_cancel',
  'job:rules:needs': 'job:needs',
  'job:except': 'job:only',
  'job:services': 'job:image',
  'job:variables': 'variables',
  'job:trigger:include': 'include',
  'job:run:func': 'job:run:step',
};

/** The path whose text a keyword has: its own, or that of the keyword it is the same as; null: there is none. */
export function describedPath(path: string): string | null {
  if (Object.hasOwn(KEYWORDS, path)) return path;
  for (let above = parentOf(path); above !== null; above = parentOf(above)) {
    const same = Object.hasOwn(SAME_BELOW, above) ? SAME_BELOW[above] : undefined;
    if (same !== undefined) return describedPath(same + path.slice(above.length));
  }
  return null;
}

/** What people are told about a keyword. Null for a path that is no keyword. */
export function keywordAt(path: string): Keyword | null {
  const described = describedPath(path);
  return described === null ? null : (KEYWORDS[described] ?? null);
}

/** What a local run does with a keyword: as the keyword it stands below, unless something else is said of it. */
export function treatmentOf(path: string): Treatment {
  const described = describedPath(path);
  const own = described === null ? undefined : KEYWORDS[described]?.treatment;
  if (own !== undefined) return own;
  const above = parentOf(described ?? path);
  if (above === null || above === 'job') return HONOURED;
  const treatment = treatmentOf(above);
  return treatment.kind === 'honoured' ? HONOURED : treatment;
}

const HONOURED: Treatment = { kind: 'honoured' };

function parentOf(path: string): string | null {
  const end = path.lastIndexOf(':');
  return end < 0 ? null : path.slice(0, end);
}
