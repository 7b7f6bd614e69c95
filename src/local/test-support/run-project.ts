import { runLocally } from '../local-run.ts';
import type { RunEvent } from '../run-events.ts';
import { runRequest } from './run-request.ts';

/** Runs the pipeline of a project for a push, in the shell; `home` is where runs and caches are kept. */
export async function runProject(
  repository: string,
  home: string,
  projects: Readonly<Record<string, string>> = {},
): Promise<{
  readonly passed: boolean;
  /** All logs. */
  readonly log: string;
  readonly notices: readonly string[];
  /** Why jobs failed. */
  readonly failures: readonly string[];
}> {
  const events: RunEvent[] = [];
  const request = await runRequest(repository, home, {
    projects: new Map(Object.entries(projects)),
    listener: (event) => void events.push(event),
  });
  const { passed } = await runLocally(request);
  const logs = events.flatMap((event) => (event.type === 'job-log' ? [event.bytes] : []));
  return {
    passed,
    log: Buffer.concat(logs).toString(),
    notices: events.flatMap((event) => (event.type === 'notice' ? [event.message] : [])),
    failures: events.flatMap((event) =>
      event.type === 'job-status' && event.failure !== null ? [event.failure.message] : [],
    ),
  };
}
