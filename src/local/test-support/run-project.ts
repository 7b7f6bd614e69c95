import { join } from 'node:path';
import { systemClock } from '../../base/clock.ts';
import { readPipeline } from '../../config/index.ts';
import { contextForRun } from '../git-context.ts';
import { runLocally } from '../local-run.ts';
import { projectSources } from '../project-sources.ts';
import type { RunEvent } from '../run-events.ts';
import { stateFolders } from '../state-folders.ts';

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
  const context = await contextForRun({
    repository,
    source: 'push',
    ref: null,
    tag: false,
    target: null,
    variables: {},
    inputs: {},
    configPath: '.gitlab-ci.yml',
    now: new Date(),
  });
  const sources = projectSources(repository);
  const { plan, placeOf } = await readPipeline({ sources, file: '.gitlab-ci.yml', context });
  if (plan === null) throw new Error('The pipeline file of the test is wrong');
  const environment = { XDG_STATE_HOME: join(home, 'state'), XDG_CACHE_HOME: join(home, 'cache') };
  const events: RunEvent[] = [];
  const { passed } = await runLocally({
    repository,
    plan,
    context,
    sources,
    placeOf,
    projects: new Map(Object.entries(projects)),
    executor: 'shell',
    defaultImage: null,
    sandbox: 'off',
    privileged: 'auto',
    concurrency: 1,
    manual: [],
    includeUncommitted: true,
    keep: null,
    folders: stateFolders(repository, environment),
    environment,
    clock: systemClock,
    listener: (event) => void events.push(event),
    cancel: new AbortController().signal,
    kill: new AbortController().signal,
  });
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
