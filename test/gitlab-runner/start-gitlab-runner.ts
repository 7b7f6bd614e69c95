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

/** The number before the first dot of the program's version. */
export function majorVersion(program: string): number {
  const version = execFileSync(program, ['--version'], { encoding: 'utf8' });
  return Number(/Version:\s+(\d+)/.exec(version)?.[1] ?? 0);
}
