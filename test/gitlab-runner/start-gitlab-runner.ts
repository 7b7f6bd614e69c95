import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type RunnerProcess, startProcess } from '../runner/running-process.ts';
import { temporaryFolder } from '../runner/temporary-folder.ts';

export interface ToServer {
  readonly url: string;
  readonly token: string;
}

/**
 * The official runner for two jobs at once, with everything it keeps in a folder of its own.
 *
 * @param executor the lines of its settings that are the executor's; the folder is what `$FOLDER` stands for in them
 */
export async function startGitlabRunner(
  program: string,
  { url, token }: ToServer,
  executor: readonly string[],
): Promise<RunnerProcess> {
  const folder = await temporaryFolder();
  const config = join(folder, 'config.toml');
  const lines = [
    ...['concurrent = 2', 'check_interval = 1', '[[runners]]', 'name = "t"'],
    ...[`url = "${url}"`, `token = "${token}"`],
    ...executor.map((line) => line.replaceAll('$FOLDER', folder)),
  ];
  await writeFile(config, lines.join('\n'));
  const args = ['run', '--config', config, '--working-directory', folder];
  const started = await startProcess(program, args, { ...process.env, HOME: folder });
  if (process.env.GITLAB_RUNNER_LOG !== undefined) void started.ended.then(() => console.log(started.said()));
  return started;
}

export interface Version {
  readonly major: number;
  readonly minor: number;
}

export function versionOf(program: string): Version {
  const said = execFileSync(program, ['--version'], { encoding: 'utf8' });
  const [, major, minor] = /Version:\s+(\d+)\.(\d+)/.exec(said) ?? [];
  return { major: Number(major ?? 0), minor: Number(minor ?? 0) };
}

/** What the contract of runners must know of a version: what it can is not what the newest can. */
export function abilitiesOf({ major, minor }: Version) {
  const isAtLeast = (one: number, two: number) => major > one || (major === one && minor >= two);
  return {
    endsInPeace: isAtLeast(17, 0),
    confirms: isAtLeast(18, 5),
    /** Knows FF_GIT_URLS_WITHOUT_TOKENS. */
    hidesTokens: isAtLeast(17, 5),
    /** Says of a job that its own process was told to end, and of an image why it cannot be had. */
    interrupts: isAtLeast(19, 1),
  };
}
