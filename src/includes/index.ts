import type { HttpAnswer, HttpLimits } from './fetch-http.ts';
import type { RemoteProject, RemoteProjectRequest } from './remote-project.ts';

export { digestOf, isDigest } from './digest.ts';
export type { HttpAnswer, HttpLimits } from './fetch-http.ts';
export type { FetchHints, GitAccess } from './git-fetch.ts';
export { type GitServer, serverAt, serverOfComponent, serverOfRemote } from './git-server.ts';
export { isCommit, type KeptFiles, type ResolvedRef } from './kept-files.ts';
export { isProjectPath, refNames } from './ref-names.ts';
export type { RemoteProject, RemoteProjectRequest } from './remote-project.ts';
export { parseRemote } from './remote-url.ts';
export { scratchFolder } from './scratch.ts';
export { readShippedTemplate, shippedTemplates } from './shipped-templates.ts';
export { createTimeBudget, type TimeBudget } from './time-budget.ts';
export { NOTHING_ELSEWHERE, OFFLINE, TIMEOUT } from './unavailable.ts';

/** As in fetch-http.ts, which is loaded only now: most pipelines include nothing from an address. */
export async function fetchHttp(address: string, limits: HttpLimits): Promise<HttpAnswer> {
  return (await import('./fetch-http.ts')).fetchHttp(address, limits);
}

/** `remoteProject` of remote-project.ts, loaded only now. */
export async function openRemoteProject(request: RemoteProjectRequest): Promise<RemoteProject> {
  return (await import('./remote-project.ts')).remoteProject(request);
}
