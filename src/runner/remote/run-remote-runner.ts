import type { RemoteRunner, RemoteRunnerEnd } from './remote-runner.ts';

/**
 * Runs the jobs of a server on this machine until it is told to stop: a client of GitLab's runner protocol, for any
 * server that speaks it.
 *
 * `drain` takes no more jobs and settles when those that run are done. `handBack` ends those at once and tells the server
 * so (`runner_system_failure`), which is what a machine does that has seconds left. `abandon` tells nobody anything.
 *
 * @throws AppError `bad-server-address`, `run-folder-not-made`
 */
export async function runRemoteRunner(runner: RemoteRunner): Promise<RemoteRunnerEnd> {
  // Loaded here: a local run needs none of it.
  const { run } = await import('./remote-runner.ts');
  return run(runner);
}
