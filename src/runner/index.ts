export { DEFAULT_UNPACK_LIMITS, type UnpackLimits } from './archive/unpack-files.ts';
export { type CollectArtifactsRequest, collectArtifacts } from './artifacts/collect-artifacts.ts';
export { createFolderArtifactStore } from './artifacts/folder-artifact-store.ts';
export { readArtifactFile } from './artifacts/read-artifact-file.ts';
export {
  type RestoreArtifactsRequest,
  type RestoreArtifactsResult,
  restoreArtifacts,
} from './artifacts/restore-artifacts.ts';
export { createFolderCacheStore } from './cache/folder-cache-store.ts';
export { type RestoreCachesRequest, restoreCaches } from './cache/restore-caches.ts';
export { type SaveCachesRequest, saveCaches } from './cache/save-caches.ts';
export {
  createDockerExecutor,
  DOCKER_DEFAULTS,
  type DockerExecutorOptions,
} from './docker/docker-executor.ts';
export { type RemovedLeftovers, removeAbandonedContainers } from './docker/remove-abandoned.ts';
export type * from './executor.ts';
export { removeTree } from './folder/remove-tree.ts';
export { createRunFolder, listRunFolders, type RunFolder, removeAbandonedRuns } from './folder/run-folder.ts';
export type * from './job-result.ts';
export type * from './keep/workspace-keeper.ts';
export { createJobLog, type EndableJobLog } from './log/create-job-log.ts';
export { createFileSink } from './log/file-sink.ts';
export type * from './log/job-log.ts';
export type * from './ports.ts';
export { type DotenvReport, readDotenvReports } from './reports/dotenv-report.ts';
export { readJunitReports } from './reports/junit-report.ts';
export { type RunJobRequest, runJob } from './run-job.ts';
export { createShellExecutor, type ShellExecutorOptions } from './shell/shell-executor.ts';
export { type StepIntoJobRequest, stepIntoJob } from './step-into-job.ts';
export { createLocalWorkspaces, type LocalWorkspacesOptions } from './workspace/local-workspaces.ts';
