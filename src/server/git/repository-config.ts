/** Namespaces of the server: no push may touch them. */
export const SERVER_REFS = ['refs/pipelines', 'refs/merge-requests', 'refs/keep-around'] as const;

export interface RequestConfig {
  /** The folder of hooks: the one that asks about refs, or one without any. */
  readonly hooks: string;
  readonly mayPush: boolean;
  readonly maxPushBytes: number;
  /** Whether the refs of pipelines are shown: they are for runners. Absent: they are not. */
  readonly showsPipelines?: boolean;
}

/**
 * What holds in every repository of the server, whatever its own configuration says: it is given with each call, so that
 * a repository that was restored or made by an older version is no exception. See git-config(1).
 */
export function repositoryConfig({
  hooks,
  mayPush,
  maxPushBytes,
  showsPipelines = false,
}: RequestConfig): readonly (readonly [string, string])[] {
  return [
    ['core.hooksPath', hooks],
    ['core.fsmonitor', 'false'],
    // Which user the folder belongs to says nothing here: nobody but the server names it.
    ['safe.directory', '*'],
    // An acknowledged push is on the disk.
    ['core.fsync', 'all'],
    ['core.fsyncMethod', 'fsync'],
    // One pack a push: two files to sync and not one for each object. `maintainRepository` puts them together.
    ['transfer.unpackLimit', '1'],
    ['gc.auto', '0'],
    ['receive.autogc', 'false'],
    ['maintenance.auto', 'false'],
    // Large files go through a buffer, and the search for differences does not take the machine's memory.
    ['core.bigFileThreshold', '16m'],
    ['pack.windowMemory', '64m'],
    ['pack.deltaCacheSize', '64m'],
    ['pack.threads', '2'],
    ['http.uploadpack', 'true'],
    ['http.receivepack', mayPush ? 'true' : 'false'],
    ['http.getanyfile', 'false'],
    ['receive.advertisePushOptions', 'true'],
    // The default branch is not deleted, but by our own rule: git's refusal tells the pusher how to configure the server.
    ['receive.denyDeleteCurrent', 'ignore'],
    ['receive.maxInputSize', String(maxPushBytes)],
    ['receive.keepAlive', '5'],
    ['receive.fsckObjects', 'true'],
    // Mistakes of old tools in commits that many projects have in their history; git itself reads them.
    ['receive.fsck.badTimezone', 'ignore'],
    ['receive.fsck.missingSpaceBeforeDate', 'ignore'],
    ['receive.fsck.zeroPaddedFilemode', 'ignore'],
    ...SERVER_REFS.map((refs) => ['receive.hideRefs', refs] as const),
    // Runners fetch refs/pipelines/NUMBER by its name; what only keeps commits alive concerns nobody.
    ['uploadpack.hideRefs', 'refs/keep-around'],
    ...(showsPipelines ? [] : [['uploadpack.hideRefs', 'refs/pipelines'] as const]),
    ['uploadpack.allowFilter', 'true'],
    ['uploadpack.allowTipSHA1InWant', 'true'],
    ['uploadpack.keepAlive', '5'],
  ];
}
