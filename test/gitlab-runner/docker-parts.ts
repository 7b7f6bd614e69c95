import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { RunnerProcess } from '../runner/running-process.ts';
import { removeManagedBy } from './managed-by.ts';
import { startGitlabRunner, type ToServer } from './start-gitlab-runner.ts';

const BUILD_HELPER = join(import.meta.dirname, '../images/build-runner-helper.sh');
const HELPER_IMAGE = 'slipway-test/gitlab-runner-helper:latest';

export interface DockerParts {
  /** The official runner. */
  readonly program: string;
  /** Its helper, of which the helper image is made. */
  readonly helper: string;
  /** Where a server listens for containers to reach it. */
  readonly host: string;
}

/** What the docker executor of the official runner needs, or what is missing. */
export function findDockerParts(): DockerParts | string {
  const program = process.env.GITLAB_RUNNER;
  if (program === undefined) return 'GITLAB_RUNNER does not name a gitlab-runner program';
  const helper = join(dirname(program), 'gitlab-runner-helper');
  if (!existsSync(helper)) return `there is no ${helper}, of which the helper image is made`;
  try {
    const gateway = '{{(index .IPAM.Config 0).Gateway}}';
    const args = ['network', 'inspect', 'bridge', '--format', gateway];
    return {
      program,
      helper,
      host: execFileSync('docker', args, { encoding: 'utf8', stdio: 'pipe' }).trim(),
    };
  } catch (cause) {
    return `no Docker engine answers: ${cause instanceof Error ? cause.message : String(cause)}`;
  }
}

/** Starts it; jobs that name no image get the helper's, which has git and bash. */
export async function startWithDocker(
  { program, helper }: DockerParts,
  server: ToServer,
  settings: readonly string[] = ['volumes = ["/cache"]'],
): Promise<RunnerProcess> {
  execFileSync(BUILD_HELPER, [helper], { stdio: 'pipe' });
  onTestFinished(() => removeManagedBy(server.token));
  return startGitlabRunner(program, server, [
    'executor = "docker"',
    '[runners.docker]',
    `image = "${HELPER_IMAGE}"`,
    `helper_image = "${HELPER_IMAGE}"`,
    'pull_policy = "if-not-present"',
    ...settings,
  ]);
}
