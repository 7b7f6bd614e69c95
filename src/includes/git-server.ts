import { parseRemote } from './remote-url.ts';

/** A server of projects: how git reaches it, and with what. */
export interface GitServer {
  readonly protocol: 'https' | 'http' | 'ssh';
  /** In front of the path of a project: `https://host/`, `ssh://git@host:22/`. */
  readonly base: string;
  /** In front of the path of a project in the lock file; the same by https and by ssh. */
  readonly name: string;
  /** Without its port. */
  readonly host: string;
  /** What components write in front of their path. */
  readonly componentHost: string;
  /** The person named it, so that its address may be a private one. */
  readonly isOwn: boolean;
}

/** The server of an address that a person gave: `https://host[:port][/folder]`, `http://…` or `ssh://[user@]host[:port]`. */
export function serverAt(address: string): GitServer | null {
  if (!/^(?:https?|ssh):\/\/[^/]/.test(address) || !URL.canParse(address)) return null;
  const url = new URL(address);
  if (url.search !== '' || url.hash !== '' || url.password !== '') return null;
  const protocol = url.protocol.slice(0, -1);
  if (protocol !== 'https' && protocol !== 'http' && protocol !== 'ssh') return null;
  const folder = url.pathname.replace(/\/+$/, '');
  if (/%|\.\.|\/\/|[^\w./~-]/.test(folder) || !/^[\w.-]+$|^\[[\da-f:.]+\]$/i.test(url.hostname)) return null;
  const user = protocol === 'ssh' ? `${url.username === '' ? 'git' : url.username}@` : '';
  if (!/^[\w.-]*@?$/.test(user) || user.startsWith('-') || url.hostname.startsWith('-')) return null;
  const host = url.hostname.toLowerCase();
  const web = protocol === 'ssh' ? host : url.host.toLowerCase();
  return {
    protocol,
    base: `${protocol}://${user}${url.host}${folder}/`,
    name: `${protocol === 'http' ? 'http://' : ''}${web}${folder}/`,
    host: host.replace(/^\[|\]$/g, ''),
    componentHost: web,
    isOwn: true,
  };
}

/** The server that a repository's remote is on; null for a remote on this machine, or none that is understood. */
export function serverOfRemote(remote: string): GitServer | null {
  const parsed = parseRemote(remote);
  if (parsed === null) return null;
  const scp = /^([\w.-]+)@([\w.-]+):/.exec(remote);
  const base = scp === null ? /^(?:https?|ssh):\/\/[^/]+/.exec(remote)?.[0] : `ssh://${scp[1]}@${scp[2]}`;
  if (base === undefined) return serverAt(parsed.server);
  // A password in the remote is git's business; it is asked for again by the ways that are safe.
  return serverAt(base.startsWith('ssh:') ? base : base.replace(/\/\/[^@]*@/, '//'));
}

/** The server of a component that another one than the project's own has. */
export function serverOfComponent(host: string): GitServer | null {
  const server = serverAt(`https://${host}`);
  return server === null ? null : { ...server, isOwn: false };
}
