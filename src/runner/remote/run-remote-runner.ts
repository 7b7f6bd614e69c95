import type { RegisterRequest } from '../../protocol/index.ts';
import type { ServerQuestion } from './ask-server.ts';
import type { RemoteRunner, RemoteRunnerEnd } from './remote-runner.ts';
import type { NotDone, Registered, Verified } from './server/runner-calls.ts';

/* What each does is loaded when it is called: a local run needs none of it. */

/**
 * Runs the jobs of a server on this machine until it is told to stop: a client of GitLab's runner protocol, for any
 * server that speaks it.
 *
 * `drain` takes no more jobs, and this settles when those that run are done. `handBack` ends those at once and tells the
 * server so (`runner_system_failure`), which is what a machine does that has seconds left. `abandon` tells nobody.
 *
 * @throws AppError `bad-server-address`, `run-folder-not-made`
 */
export async function runRemoteRunner(runner: RemoteRunner): Promise<RemoteRunnerEnd> {
  const { run } = await import('./remote-runner.ts');
  return run(runner);
}

/** Whether the server knows a runner's token. @throws AppError `bad-server-address` */
export async function verifyRunner(question: ServerQuestion): Promise<Verified> {
  const { verify } = await import('./ask-server.ts');
  return verify(question);
}

/** Makes the server forget a runner. @throws AppError `bad-server-address` */
export async function unregisterRunner(
  question: ServerQuestion,
): Promise<{ readonly kind: 'removed' } | NotDone> {
  const { unregister } = await import('./ask-server.ts');
  return unregister(question);
}

/** Makes a new runner with a registration token, and answers with its own. @throws AppError `bad-server-address` */
export async function registerRunner(
  question: ServerQuestion,
  wanted: Omit<RegisterRequest, 'token' | 'info'>,
): Promise<Registered> {
  const { register } = await import('./ask-server.ts');
  return register(question, wanted);
}
