import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json } from '../../../pipeline/index.ts';
import type { PipelineContext } from '../../context.ts';
import type { Sources } from '../../sources.ts';
import { type Files, memorySources } from './memory-sources.ts';
import { contextOf } from './read-yaml.ts';

const root = join(import.meta.dirname, '../cases');

/** The names of the folders of cases/, sorted. */
export function caseNames(): readonly string[] {
  return readdirSync(root).sort();
}

/** The files of a case's repository, path to text. */
export function caseFiles(name: string): Files {
  return Object.fromEntries(allFiles(name).filter(([path]) => !path.startsWith(ELSEWHERE)));
}

/**
 * A case's repository, and what there is outside of it, which the folder `elsewhere` holds:
 *
 *     elsewhere/projects/GROUP/NAME@REF/PATH
 *     elsewhere/remotes/HOST/PATH               https://HOST/PATH
 *     elsewhere/templates/NAME
 */
export function caseSources(name: string): Sources {
  const projects: Record<string, Record<string, string>> = {};
  const remotes: Record<string, string> = {};
  const templates: Record<string, string> = {};
  for (const [path, text] of allFiles(name)) {
    const [, project, file] = /^elsewhere\/projects\/([^@]+@[^/]+)\/(.+)$/.exec(path) ?? [];
    const [, kind, rest = ''] = /^elsewhere\/(remotes|templates)\/(.+)$/.exec(path) ?? [];
    if (project !== undefined && file !== undefined) {
      const files = projects[project] ?? {};
      files[file] = text;
      projects[project] = files;
    } else if (kind === 'remotes') remotes[`https://${rest}`] = text;
    else if (kind === 'templates') templates[rest] = text;
  }
  return memorySources(caseFiles(name), {}, { projects, remotes, templates });
}

const ELSEWHERE = 'elsewhere/';

function allFiles(name: string): readonly (readonly [path: string, text: string])[] {
  const entries = readdirSync(join(root, name), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name !== 'expect.json');
  return files
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path.slice(join(root, name).length + 1), readFileSync(path, 'utf8')] as const;
    })
    .sort(([one], [other]) => (one < other ? -1 : 1));
}

/** What the case's pipeline must be, as its expect.json has it. */
export function caseExpectation(name: string): Json {
  return JSON.parse(readFileSync(join(root, name, 'expect.json'), 'utf8'));
}

/** What the case's pipeline is for. */
export function caseContext(name: string): PipelineContext {
  const expected = caseExpectation(name);
  const context = Object.entries(expected ?? {}).find(([key]) => key === 'context')?.[1];
  return contextOf({ ...Object(context) });
}
