import { randomUUID } from 'node:crypto';
import { chmod, lstat, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expandVariableSet, expandVariables } from '../../base/expand-variables.ts';
import type { JobSpec, JobVariable } from '../../protocol/index.ts';
import { isShellName } from '../script/shell-script.ts';

/** The variables of one job, expanded: what scripts export, and what the runner's own keywords refer to. */
export interface JobVariables {
  /** By name; of a file variable the path. Only names that a shell can have. */
  readonly exported: ReadonlyMap<string, string>;
  /** What must never appear in the log. */
  readonly secrets: readonly string[];
  /** Masked variables whose value is too short to be hidden without hiding half of the log. */
  readonly unmaskable: readonly string[];
  /** Names that no shell can have. */
  readonly unusable: readonly string[];
  /** By path relative to the scratch folder: the contents of file variables. */
  readonly files: ReadonlyMap<string, string>;
  /** Replaces references in a keyword of the job (`$NAME`, `${NAME}`, `%NAME%`); unknown ones become nothing. */
  expand(text: string): string;
}

/** What only the runner knows, before and above the variables that the job came with. */
export interface RunnerVariables {
  readonly defaults: Readonly<Record<string, string>>;
  readonly overrides: Readonly<Record<string, string>>;
  /** Where the scratch folder stands for the job. */
  readonly scratchDir: string;
}

export function expandJobVariables(job: JobSpec, runner: RunnerVariables): JobVariables {
  const given = [...asVariables(runner.defaults), ...job.variables, ...asVariables(runner.overrides)];
  const last = new Map(given.map((variable) => [variable.key, variable]));
  const filePath = (key: string) => `${runner.scratchDir}/${fileName(key)}`;
  const values = expandVariableSet(
    given.map(({ key, value, file, raw }) =>
      file ? { key, value: filePath(key), expand: false } : { key, value, expand: !raw },
    ),
    'empty',
  );
  const lookup = (name: string) => values.get(name) ?? null;
  const files = new Map<string, string>();
  const secrets: string[] = [];
  for (const { key, value, file, raw, masked } of last.values()) {
    // Unknown references are kept: much that is put into files has dollars of its own ("$schema").
    const content = raw ? value : expandVariables(value, lookup, 'keep');
    if (file) files.set(fileName(key), content);
    if (masked) secrets.push(value, file ? content : (values.get(key) ?? ''));
  }
  return {
    exported: new Map([...values].filter(([key]) => isShellName(key))),
    secrets: [...new Set(secrets)].filter((secret) => [...secret].length >= SHORTEST_SECRET),
    unmaskable: [...last.values()].filter(isTooShort).map((variable) => variable.key),
    unusable: [...values.keys()].filter((key) => !isShellName(key)),
    files,
    expand: (text) => expandVariables(text, lookup, 'empty'),
  };
}

/**
 * Writes the file variables to the scratch folder, before any script of the job ran. Each is for its owner only, unless
 * the executor has opened the folder because the job's user is another one; a private folder is around it either way.
 * A file comes to its place by a rename, which replaces whatever is there and writes through nothing.
 */
export async function writeFileVariables(files: ReadonlyMap<string, string>, scratch: string): Promise<void> {
  if (files.size === 0) return;
  const isOpened = ((await lstat(scratch)).mode & 0o002) !== 0;
  for (const [name, content] of files) {
    const fresh = join(scratch, `.${randomUUID()}`);
    await writeFile(fresh, content, { flag: 'wx', mode: 0o600 });
    if (isOpened) await chmod(fresh, 0o666);
    await rename(fresh, join(scratch, name));
  }
}

/** GitLab masks no shorter ones either (docs/ci/variables, "Mask a CI/CD variable"). */
const SHORTEST_SECRET = 8;

function isTooShort({ masked, value }: JobVariable): boolean {
  return masked && value !== '' && [...value].length < SHORTEST_SECRET;
}

/** A name from a pipeline file is no path: one that no shell can have gets no file of its name. */
function fileName(key: string): string {
  return key.replaceAll(/[^A-Za-z0-9_]/g, '_');
}

function asVariables(values: Readonly<Record<string, string>>): readonly JobVariable[] {
  return Object.entries(values).map(([key, value]) => ({
    key,
    value,
    file: false,
    masked: false,
    raw: true,
  }));
}
