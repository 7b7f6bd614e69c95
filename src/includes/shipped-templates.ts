import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { closestTo } from '../base/closest.ts';
import type { TemplateFile } from '../config/index.ts';

/** Put in by the bundler; from the sources, the folder is read. */
declare const SLIPWAY_TEMPLATES: Readonly<Record<string, string>> | undefined;

const SUFFIX = '.gitlab-ci.yml';

/** GitLab's own templates are others, and a file that names one of them must not get ours in its place. */
const FOLDER = 'Slipway/';

/** A template of the folder `templates`, or the names that are like it. */
export async function readShippedTemplate(name: string): Promise<TemplateFile> {
  const templates = shippedTemplates();
  const text = templates.get(name);
  if (text !== undefined) return { kind: 'text', text };
  const stem = stemOf(name.slice(0, MAX_NAME));
  const known = [...templates.keys()];
  const closest = closestTo(stem.split('/').at(-1) ?? '', known.map(stemOf));
  return {
    kind: 'absent',
    near: known.filter((each) => stemOf(each) === closest || isAlike(stemOf(each), stem)),
  };
}

/** All templates by their name, sorted. */
export function shippedTemplates(): ReadonlyMap<string, string> {
  all ??= new Map(Object.entries(templateTexts()).sort(([one], [other]) => (one < other ? -1 : 1)));
  return all;
}

let all: ReadonlyMap<string, string> | null = null;

function templateTexts(): Readonly<Record<string, string>> {
  if (typeof SLIPWAY_TEMPLATES !== 'undefined') return SLIPWAY_TEMPLATES;
  const folder = join(import.meta.dirname, 'templates');
  const names = readdirSync(folder).filter((name) => name.endsWith(SUFFIX));
  return Object.fromEntries(
    names.map((name) => [`${FOLDER}${name}`, readFileSync(join(folder, name), 'utf8')]),
  );
}

const MAX_NAME = 200;

function stemOf(name: string): string {
  return name.replace(FOLDER, '').replace(SUFFIX, '').toLowerCase();
}

/** `nodejs` and `node`, `terraform/base` and `terraform`, `security/sast` and `security`. */
function isAlike(known: string, wanted: string): boolean {
  return wanted
    .split(/[^a-z]+/)
    .some((word) => word.startsWith(known) || (word.length > 2 && known.startsWith(word)));
}
