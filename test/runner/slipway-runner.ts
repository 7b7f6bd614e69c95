import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type RunnerProcess, startProcess } from './running-process.ts';
import { temporaryFolder } from './temporary-folder.ts';

export const SLIPWAY = fileURLToPath(new URL('../../bin/slipway', import.meta.url));

/** An environment in which a runner keeps everything in a folder of its own. */
export function environmentIn(home: string): NodeJS.ProcessEnv {
  const { PATH } = process.env;
  return { PATH, HOME: home, LANG: 'C.UTF-8' };
}

/** `slipway runner run` for two jobs at once. */
export async function startSlipwayRunner(
  { url, token }: { readonly url: string; readonly token: string },
  ...more: readonly string[]
): Promise<RunnerProcess> {
  const home = await temporaryFolder();
  const args = ['runner', 'run', '--url', url, '--executor', 'shell', '--concurrency', '2', ...more];
  const environment = { ...environmentIn(home), SLIPWAY_RUNNER_TOKEN: token };
  return startProcess(SLIPWAY, args, environment);
}

/** One call of `slipway`, to its end. */
export function slipway(
  home: string,
  args: readonly string[],
  { input = '' }: { readonly input?: string } = {},
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  return new Promise((resolve) => {
    const options = { env: environmentIn(home), cwd: home };
    const child = execFile(SLIPWAY, args, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ code, stdout, stderr });
    });
    child.stdin?.end(input);
  });
}
