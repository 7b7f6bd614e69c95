import { chmod, lstat, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { output } from './command.ts';

export interface AwsTools {
  /** The folder of the `aws` command; jobs see it, in a sandbox as well. */
  readonly programs: string;
  /** The Python that has moto. */
  readonly python: string;
}

/**
 * Installs the versions that aws-tools.txt pins, once: half a minute the first time, nothing afterwards. They are in
 * /var/tmp because a job's sandbox hides /tmp and the home folder, and belong to the system's Python for the same
 * reason: one of the home folder's would not be there.
 */
export async function installAwsTools(): Promise<AwsTools> {
  const requirements = join(import.meta.dirname, 'aws-tools.txt');
  const folder = join(await ownFolder(), 'aws-tools');
  const tools = { programs: join(folder, 'bin'), python: join(folder, 'bin/python') };
  const wanted = await readFile(requirements, 'utf8');
  const mark = join(folder, 'installed');
  if ((await textOf(mark)) === wanted) return tools;
  await rm(folder, { recursive: true, force: true });
  await output('/usr/bin/python3', ['-m', 'venv', folder]);
  await output(tools.python, ['-m', 'pip', 'install', '--quiet', '--requirement', requirements]);
  await writeFile(mark, wanted);
  return tools;
}

/** A folder outside of /tmp and the home. Anybody may make one in /var/tmp, so whose it is matters. */
export async function ownFolder(): Promise<string> {
  const { uid } = userInfo();
  const folder = `/var/tmp/slipway-test-${uid}`;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const found = await lstat(folder);
  if (!found.isDirectory() || found.uid !== uid) throw new Error(`${folder} is somebody else's`);
  await chmod(folder, 0o700);
  return folder;
}

async function textOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    // Not there: not installed yet, or not to the end.
    return null;
  }
}
