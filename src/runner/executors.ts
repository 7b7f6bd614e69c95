import type { Clock } from '../base/clock.ts';
import { createDockerExecutor, DOCKER_DEFAULTS } from './docker/docker-executor.ts';
import type { Executor } from './executor.ts';
import { createShellExecutor } from './shell/shell-executor.ts';

export interface ExecutorSettings {
  readonly sandbox: 'auto' | 'off';
  readonly privileged: 'auto' | boolean;
  /** Absent: containers do not get the engine's socket. */
  readonly engineSocket?: boolean;
  readonly defaultImage: string | null;
  readonly environment: NodeJS.ProcessEnv;
  readonly clock: Clock;
}

/** Executors, each made when the first job wants it, and then shared by all. Disposed of after the last job. */
export interface Executors extends AsyncDisposable {
  of(name: Executor['name']): Executor;
}

/** @param scratchRoot as in ShellExecutorOptions */
export function createExecutors(settings: ExecutorSettings, scratchRoot: string): Executors {
  const { sandbox, privileged, engineSocket = false, defaultImage, environment, clock } = settings;
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
          engineSocket,
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
