export { type CommitFactsRequest, type Commits, openCommits } from './commits/commits.ts';
export { type HostedElsewhereRequest, hostedElsewhere } from './commits/hosted-elsewhere.ts';
export { runningGitProcesses } from './git-process.ts';
export { createGitHttp, type GitHttp, type GitHttpOptions } from './http.ts';
export { keepServerRef } from './keep-server-ref.ts';
export { GIT_LIMITS, type GitLimits } from './limits.ts';
export {
  createMaintenance,
  type Maintenance,
  type MaintenanceLimits,
  type MaintenanceOptions,
} from './maintenance/maintenance.ts';
export { createPipelineRefs, type PipelineRefs, pipelineRefName } from './pipeline-refs.ts';
export type {
  GitAccess,
  GitCredentials,
  GitKey,
  GitProject,
  GitSurroundings,
  GitUser,
  OpenedRepository,
  Push,
  PushReceiver,
} from './ports.ts';
export { readProjectPath } from './project-path.ts';
export type { PushOptions } from './push-options.ts';
export type { RefRule } from './ref-rules.ts';
export { readRefTips, updatesBetween } from './ref-tips.ts';
export { isServedRef, type RefUpdate } from './ref-update.ts';
export {
  listRepositories,
  openRepositories,
  type Repositories,
  syncFolders,
} from './repositories.ts';
export { type ReadSshKey, readSshKey } from './ssh/ssh-key.ts';
export { SSH_LIMITS, type SshLimits } from './ssh/ssh-limits.ts';
export { type GitSsh, type GitSshOptions, startGitSsh } from './ssh/ssh-server.ts';
export { packRepository, presence, serverRefs } from './transfer/pack-repository.ts';
export { makeRefs, packRefs, unpackRepository } from './transfer/unpack-repository.ts';
export { writeTo } from './write-to.ts';
