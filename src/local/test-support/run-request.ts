import { join } from 'node:path';
import { systemClock } from '../../base/clock.ts';
import { readPipeline } from '../../config/index.ts';
import { contextForRun } from '../git-context.ts';
import type { LocalRunRequest } from '../local-run.ts';
import { projectSources } from '../project-sources.ts';
import { stateFolders } from '../state-folders.ts';
import { pushRequest } from './push-request.ts';

/**
 * Asks to run the pipeline of a project for a push: in the shell, one job at a time, without a sandbox. `home` is where
 * runs and caches are kept; the rest is nothing unless `part` has it.
 */
export async function runRequest(
  repository: string,
  home: string,
  part: Partial<LocalRunRequest> & Pick<LocalRunRequest, 'listener'>,
): Promise<LocalRunRequest> {
  const context = await contextForRun(pushRequest(repository, { now: new Date() }));
  const sources = projectSources(repository);
  const { plan, placeOf } = await readPipeline({ sources, file: '.gitlab-ci.yml', context });
  if (plan === null) throw new Error('The pipeline file of the test is wrong');
  const environment = { XDG_STATE_HOME: join(home, 'state'), XDG_CACHE_HOME: join(home, 'cache') };
  return {
    repository,
    plan,
    context,
    sources,
    placeOf,
    projects: new Map(),
    executor: 'shell',
    defaultImage: null,
    sandbox: 'off',
    privileged: 'auto',
    engineSocket: false,
    concurrency: 1,
    manual: [],
    includeUncommitted: true,
    keep: null,
    awsSecrets: false,
    folders: stateFolders(repository, environment),
    environment,
    clock: systemClock,
    cancel: new AbortController().signal,
    kill: new AbortController().signal,
    ...part,
  };
}
