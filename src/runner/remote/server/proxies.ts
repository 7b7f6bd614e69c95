/**
 * The part of an environment that names proxies, for a server. None for this machine itself, as the official runner has
 * it: no proxy could reach it.
 */
export function proxiesFor(hostname: string, environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  if (isThisMachine(hostname)) return {};
  return Object.fromEntries(NAMES.map((name) => [name, environment[name]]));
}

export function isThisMachine(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d+){3}$/.test(hostname);
}

const NAMES = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'NO_PROXY', 'no_proxy'];
