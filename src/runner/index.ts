export { openZipFile, readZipFile, type ZippedFile } from './archive/zip/read-zip-file.ts';
export type { ZipSource } from './archive/zip/zip-directory.ts';
export { createFolderArtifactStore } from './artifacts/folder-artifact-store.ts';
export { readArtifactFile } from './artifacts/read-artifact-file.ts';
export { createFolderCacheStore } from './cache/folder-cache-store.ts';
export {
  createDockerExecutor,
  DOCKER_DEFAULTS,
  type DockerExecutorOptions,
} from './docker/docker-executor.ts';
export { removeAbandonedContainers } from './docker/remove-abandoned.ts';
export type * from './executor.ts';
export { createExecutors, type ExecutorSettings, type Executors } from './executors.ts';
export { removeTree } from './folder/remove-tree.ts';
export { createRunFolder, listRunFolders, removeAbandonedRuns } from './folder/run-folder.ts';
export { scanCoverage } from './job/coverage.ts';
export type * from './job-result.ts';
export type * from './keep/workspace-keeper.ts';
export { createJobLog } from './log/create-job-log.ts';
export { createFileSink } from './log/file-sink.ts';
export type * from './log/job-log.ts';
export type * from './ports.ts';
export { createJobRoom, type JobRoom } from './remote/job-room.ts';
export type { RemoteRunner, RemoteRunnerEnd } from './remote/remote-runner.ts';
export {
  registerRunner,
  runRemoteRunner,
  unregisterRunner,
  verifyRunner,
} from './remote/run-remote-runner.ts';
export type * from './remote/runner-events.ts';
export { type DotenvReport, parseDotenvReport } from './reports/dotenv-report.ts';
export type { JunitCase } from './reports/junit-reader.ts';
export { createJunitStream, type JunitStream } from './reports/junit-stream.ts';
export { OTHER_TEST_REPORTS, type OtherTestReport, readJoinedTests } from './reports/other-tests.ts';
export { runJob } from './run-job.ts';
export { createShellExecutor } from './shell/shell-executor.ts';
export { type StepIntoJobRequest, stepIntoJob } from './step-into-job.ts';
export { createLocalWorkspaces } from './workspace/local-workspaces.ts';
export { createSharedFolders, type SharedFolders } from './workspace/shared-folders.ts';
