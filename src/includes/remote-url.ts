/** Where a remote's project is: the server a browser would ask, and the port on which git is served over SSH. */
export interface RemoteProject {
  readonly server: string;
  /** `group/sub/name` */
  readonly path: string;
  readonly sshPort: number;
}

/** `https://host/group/name.git`, `git@host:group/name.git` and `ssh://` forms; null for a path of this machine. */
export function parseRemote(url: string): RemoteProject | null {
  const match =
    /^(?<scheme>https?|ssh|git):\/\/(?:[^@/]*@)?(?<host>[^/:]+)(?::(?<port>\d+))?\/(?<path>.+?)(?:\.git)?\/?$/.exec(
      url,
    ) ?? /^(?:[^@/]+@)(?<host>[^/:]+):(?<path>[^/].*?)(?:\.git)?\/?$/.exec(url);
  const { scheme = 'ssh', host, port, path } = match?.groups ?? {};
  if (host === undefined || path === undefined) return null;
  const isWeb = scheme === 'http' || scheme === 'https';
  // Of the other schemes the port is not the web's.
  const server = isWeb ? `${scheme}://${host}${port === undefined ? '' : `:${port}`}` : `https://${host}`;
  if (!URL.canParse(server)) return null;
  return { server: new URL(server).origin, path, sshPort: scheme === 'ssh' ? Number(port ?? 22) : 22 };
}
