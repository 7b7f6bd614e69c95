import type { Clock } from '../base/clock.ts';
import {
  createDockerExecutor,
  createShellExecutor,
  DOCKER_DEFAULTS,
  type Executor,
} from '../runner/index.ts';

export interface ExecutorSettings {
  readonly sandbox: 'auto' | 'off';
  readonly privileged: 'auto' | boolean;
  readonly defaultImage: string | null;
  readonly environment: NodeJS.ProcessEnv;
  readonly clock: Clock;
}

/** The executors of one run, each made when the first job wants it, and then shared. Disposed of after the last job. */
export interface Executors extends AsyncDisposable {
  of(name: Executor['name']): Executor;
}

export function createExecutors(settings: ExecutorSettings, scratchRoot: string): Executors {
  const { sandbox, privileged, defaultImage, environment, clock } = settings;
  let shell: Executor | null = null;
  let docker: Executor | null = null;
  return {
    of(name) {
      if (name === 'docker') {
        docker ??= createDockerExecutor({
          ...DOCKER_DEFAULTS,
          runId: `${process.pid}-${clock.now().toString(36)}`,
          env: environment,
          clock,
          defaultImage,
          privileged,
        });
        return docker;
      }
      shell ??= createShellExecutor({ sandbox, scratchRoot, reuse: 'when-untouched', clock });
      return shell;
    },
    async [Symbol.asyncDispose]() {
      for (const executor of [shell, docker]) await executor?.[Symbol.asyncDispose]?.();
    },
  };
}
