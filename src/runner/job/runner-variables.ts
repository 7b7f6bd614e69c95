import { dirname } from 'node:path';
import type { JobSpec } from '../../protocol/index.ts';
import type { Executor, JobEnvironment } from '../executor.ts';
import type { RunnerVariables } from './job-variables.ts';

/** The variables that GitLab's runner adds to those of the server (docs/ci/variables/predefined_variables). */
export function runnerVariables(
  job: JobSpec,
  executor: Executor,
  environment: JobEnvironment,
): RunnerVariables {
  const { projectDir, scratchDir } = environment;
  return {
    defaults: {
      ...environmentKind(executor),
      CI_SERVER: 'yes',
      CI_CONCURRENT_ID: '0',
      CI_CONCURRENT_PROJECT_ID: '0',
      CI_RUNNER_EXECUTABLE_ARCH: `${GO_PLATFORMS[process.platform] ?? process.platform}/${GO_PROCESSORS[process.arch] ?? process.arch}`,
      CI_JOB_TIMEOUT: String(job.timeoutSeconds),
    },
    overrides: {
      ...environment.variables,
      CI_JOB_STATUS: 'running',
      CI_BUILDS_DIR: buildsDir(job, projectDir),
      CI_PROJECT_DIR: projectDir,
    },
    scratchDir,
  };
}

/** As the Go compiler calls what GitLab's runner is built for. */
const GO_PLATFORMS: Readonly<Record<string, string>> = { win32: 'windows', sunos: 'solaris' };
const GO_PROCESSORS: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' };

function environmentKind(executor: Executor): Readonly<Record<string, string>> {
  return executor.name === 'docker'
    ? { CI_DISPOSABLE_ENVIRONMENT: 'true' }
    : { CI_SHARED_ENVIRONMENT: 'true' };
}

function buildsDir(job: JobSpec, projectDir: string): string {
  const inside = `/${job.projectPath}`;
  return projectDir.endsWith(inside) ? projectDir.slice(0, -inside.length) : dirname(projectDir);
}
