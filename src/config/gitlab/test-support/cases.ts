import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json } from '../../../pipeline/index.ts';
import type { PipelineContext } from '../../context.ts';
import { contextOf } from './read-yaml.ts';

const root = join(import.meta.dirname, '../cases');

/** The names of the folders of cases/, sorted. */
export function caseNames(): readonly string[] {
  return readdirSync(root).sort();
}

/** The files of a case's repository, path to text. */
export function caseFiles(name: string): Readonly<Record<string, string>> {
  const entries = readdirSync(join(root, name), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name !== 'expect.json');
  return Object.fromEntries(
    files.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path.slice(join(root, name).length + 1), readFileSync(path, 'utf8')];
    }),
  );
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
