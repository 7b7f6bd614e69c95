export {
  createDockerExecutor,
  DOCKER_DEFAULTS,
  type DockerExecutorOptions,
} from './docker/docker-executor.ts';
export { type RemovedLeftovers, removeAbandonedContainers } from './docker/remove-abandoned.ts';
export type * from './executor.ts';
export { createRunFolder, type RunFolder, removeAbandonedRuns } from './folder/run-folder.ts';
export type * from './job-result.ts';
export { createJobLog, type EndableJobLog } from './log/create-job-log.ts';
export { createFileSink } from './log/file-sink.ts';
export type * from './log/job-log.ts';
export type * from './ports.ts';
export { createShellExecutor, type ShellExecutorOptions } from './shell/shell-executor.ts';
export { createLocalWorkspaces, type LocalWorkspacesOptions } from './workspace/local-workspaces.ts';
