import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { output } from './command.ts';

export interface ExampleRepository extends AsyncDisposable {
  readonly folder: string;
}

/** One place in a file of the example that is made different. */
export interface Edit {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** Copies an example, as it is committed or about to be, into a git repository of its own. */
export async function copyExample(
  example: 'appengine' | 'fibonacci' | 'site',
  edits: readonly Edit[] = [],
): Promise<ExampleRepository> {
  const folder = await mkdtemp(join(tmpdir(), `slipway-${example}-`));
  const git = (...args: string[]) => output('git', ['-C', folder, ...IDENTITY, ...args]);
  await cp(join(import.meta.dirname, '../../examples', example), folder, { recursive: true });
  for (const edit of edits) {
    await apply(folder, edit);
  }
  await git('init', '--quiet', '--initial-branch=main');
  await git('add', '--all');
  await git('commit', '--quiet', `--message=The example ${example}`);
  return {
    folder,
    async [Symbol.asyncDispose]() {
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const IDENTITY = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com'];

/** An edit that does not fit is a mistake of the test, which would otherwise pass for the wrong reason. */
async function apply(folder: string, { file, from, to }: Edit): Promise<void> {
  const path = join(folder, file);
  const text = await readFile(path, 'utf8');
  if (text.split(from).length !== 2) {
    throw new Error(`${file} has not exactly one "${from}"`);
  }
  await writeFile(
    path,
    text.replace(from, () => to),
  );
}
