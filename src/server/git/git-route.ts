import { readProjectPath } from './project-path.ts';

export type GitService = 'git-upload-pack' | 'git-receive-pack';

/** One of the three addresses of smart HTTP (gitprotocol-http(5)). */
export interface GitRoute {
  readonly project: string;
  readonly service: GitService;
  /** The list of refs, or the exchange itself. */
  readonly step: 'info' | 'exchange';
}

/**
 * What an address asks of git; null when it is none of git's, `dumb` when it is one of the protocol that reads files by
 * their names, which is not served. `/group/name.git/info/refs?service=…`, with or without `.git`.
 */
export function readGitRoute(address: string): GitRoute | 'dumb' | null {
  const [, path = '', query = ''] = /^([^?#]*)\??([^#]*)/.exec(address) ?? [];
  const found = /^\/(.+?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack|HEAD|objects\/.*)$/.exec(
    path,
  );
  const [, name = '', what = ''] = found ?? [];
  const project = readProjectPath(name);
  if (project === null) return null;
  if (isService(what)) return { project, service: what, step: 'exchange' };
  if (what !== 'info/refs') return path.includes('.git/') ? 'dumb' : null;
  const service = new URLSearchParams(query).get('service') ?? '';
  return isService(service) ? { project, service, step: 'info' } : 'dumb';
}

function isService(text: string): text is GitService {
  return text === 'git-upload-pack' || text === 'git-receive-pack';
}
