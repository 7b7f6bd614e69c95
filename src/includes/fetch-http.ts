import { type LookupAddress, lookup as systemLookup } from 'node:dns';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Unavailable } from '../config/index.ts';
import { addressKind } from './address-rules.ts';

export interface HttpLimits {
  /** Hosts that may be reached although their address is private. */
  readonly allowedHosts: ReadonlySet<string>;
  readonly maxBytes: number;
  /** Of one try, from asking for the host's address to the last byte. */
  readonly timeLimitMs: number;
  /** How names become addresses; the system's way unless a test has its own. */
  readonly resolve?: Resolve;
  readonly pause?: (ms: number) => Promise<unknown>;
}

export type Resolve = (
  host: string,
  done: (error: Error | null, addresses: readonly LookupAddress[]) => void,
) => void;

export type HttpAnswer =
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  | { readonly kind: 'bad-address' }
  | { readonly kind: 'http-status'; readonly status: number }
  | { readonly kind: 'too-large'; readonly bytes: number; readonly limit: number }
  | Unavailable;

const TRIES = 3;
const MAX_REDIRECTS = 5;

/**
 * The bytes at an http(s) address, asked for up to three times when the network or the server stumbles. Private,
 * loopback and link-local addresses are refused, on what the connection is really made to, and again after each
 * redirect. A name and password in the address go to its own server alone. Proxies are not used.
 */
export async function fetchHttp(address: string, limits: HttpLimits): Promise<HttpAnswer> {
  const url = parseAddress(address);
  if (url === null) return { kind: 'bad-address' };
  for (let tries = 1; ; tries++) {
    const answer = await oneTry(url, limits);
    if (tries === TRIES || !mayPass(answer)) return 'passing' in answer ? answer.answer : answer;
    await (limits.pause ?? delay)(tries * 200);
  }
}

/** What another try may mend. */
interface Passing {
  readonly passing: true;
  readonly answer: HttpAnswer;
}

function mayPass(answer: HttpAnswer | Passing): answer is Passing {
  return 'passing' in answer;
}

function passing(answer: HttpAnswer): Passing {
  return { passing: true, answer };
}

function parseAddress(address: string): URL | null {
  if (!/^https?:\/\/[^/?#]/i.test(address) || !URL.canParse(address)) return null;
  return new URL(address);
}

async function oneTry(start: URL, limits: HttpLimits): Promise<HttpAnswer | Passing> {
  const signal = AbortSignal.timeout(limits.timeLimitMs);
  let url = start;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const blocked = blockedLiteral(url, limits.allowedHosts);
    if (blocked !== null) return blocked;
    let answer: HttpAnswer | Passing | { readonly next: URL };
    try {
      const response = await ask(url, start, limits, signal);
      answer = await read(response, url, limits.maxBytes);
    } catch (error) {
      return failure(error, signal);
    }
    if (!('next' in answer)) return answer;
    url = answer.next;
  }
  return { kind: 'unavailable', reason: 'of too many redirects', hint: null };
}

function ask(url: URL, start: URL, limits: HttpLimits, signal: AbortSignal): Promise<IncomingMessage> {
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const asked = request(plain(url), {
    agent: false,
    signal,
    lookup: guardedLookup(limits),
    headers: { 'user-agent': 'slipway', accept: '*/*', 'accept-encoding': 'identity' },
    ...(url.origin === start.origin && start.username !== '' && { auth: credentials(start) }),
  });
  asked.once('response', resolve);
  asked.on('error', reject);
  // A server may hand the connection over to another protocol: it is closed, and nothing else is ever heard of it.
  asked.once('close', () => reject(new NoAnswer()));
  asked.end();
  return promise;
}

/** Without the name and the password, which go into a header, and not to another server. */
function plain(url: URL): URL {
  const bare = new URL(url.href);
  bare.username = '';
  bare.password = '';
  return bare;
}

function credentials({ username, password }: URL): string {
  return `${decoded(username)}:${decoded(password)}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // A `%` that means itself.
  }
}

async function read(
  response: IncomingMessage,
  url: URL,
  maxBytes: number,
): Promise<HttpAnswer | Passing | { readonly next: URL }> {
  const status = response.statusCode ?? 0;
  const location = response.headers.location;
  if (status >= 300 && status < 400 && status !== 304 && location !== undefined) {
    response.destroy();
    return redirected(url, location);
  }
  if (status < 200 || status >= 300) {
    response.destroy();
    const answer: HttpAnswer = { kind: 'http-status', status };
    return status >= 500 || status === 429 ? passing(answer) : answer;
  }
  const announced = Number(response.headers['content-length'] ?? 0);
  const chunks: Buffer[] = [];
  let bytes = 0;
  if (announced <= maxBytes) {
    for await (const chunk of response) {
      const part: Buffer = Buffer.from(chunk);
      bytes += part.length;
      if (bytes > maxBytes) break;
      chunks.push(part);
    }
    if (bytes <= maxBytes) return { kind: 'bytes', bytes: Buffer.concat(chunks) };
  }
  response.destroy();
  return { kind: 'too-large', bytes: Math.max(announced, bytes), limit: maxBytes };
}

function redirected(from: URL, location: string): HttpAnswer | { readonly next: URL } {
  if (!URL.canParse(location, from.href)) return refused('of a redirect to what is no address');
  const next = new URL(location, from.href);
  if (next.protocol !== 'https:' && next.protocol !== 'http:') {
    return refused(`of a redirect to ${next.protocol}`);
  }
  if (from.protocol === 'https:' && next.protocol === 'http:') {
    return refused('of a redirect from https to http');
  }
  return { next };
}

function refused(reason: string): HttpAnswer {
  return { kind: 'unavailable', reason, hint: null };
}

/** An address that stands in the URL itself is never looked up. */
function blockedLiteral({ hostname }: URL, allowed: ReadonlySet<string>): HttpAnswer | null {
  const host = bareHost(hostname);
  if (isIP(host) === 0 || allowed.has(host)) return null;
  return blocked(host, host);
}

function bareHost(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '').toLowerCase();
}

function blocked(host: string, address: string): Unavailable | null {
  const kind = addressKind(address);
  if (kind === 'public') return null;
  const where = kind === 'localhost' ? kind : `the ${kind}`;
  return {
    kind: 'unavailable',
    reason: `URL is blocked: Requests to ${where} are not allowed`,
    hint: `A file from elsewhere could reach into your network this way. If it is meant: --allow-host ${host}`,
  };
}

class BlockedAddress extends Error {
  readonly answer: Unavailable;

  constructor(answer: Unavailable) {
    super(answer.reason);
    this.answer = answer;
  }
}

class NoAnswer extends Error {
  readonly code = 'no answer to the request';
}

/** The connection is made to the addresses that are answered here and to no others, so none is asked for twice. */
function guardedLookup({ allowedHosts, resolve = resolveBySystem }: HttpLimits): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, (error, addresses) => {
      const [first] = addresses;
      if (error !== null || first === undefined) {
        callback(error ?? new Error(`no address of ${hostname}`), '', 0);
        return;
      }
      const host = bareHost(hostname);
      const wrong = allowedHosts.has(host)
        ? null
        : addresses.map(({ address }) => blocked(host, address)).find((answer) => answer !== null);
      if (wrong) callback(new BlockedAddress(wrong), '', 0);
      else if (options.all === true) callback(null, [...addresses]);
      else callback(null, first.address, first.family);
    });
  };
}

function resolveBySystem(host: string, done: Parameters<Resolve>[1]): void {
  // With an error there are no addresses, whatever its types say.
  systemLookup(host, { all: true }, (error, addresses) => done(error, error === null ? addresses : []));
}

function failure(error: unknown, signal: AbortSignal): HttpAnswer | Passing {
  if (error instanceof BlockedAddress) return error.answer;
  if (signal.aborted) return passing({ kind: 'unavailable', reason: 'of a timeout error', hint: null });
  if (!(error instanceof Error)) throw error;
  const reason = 'code' in error && typeof error.code === 'string' ? error.code : null;
  if (reason === 'ECONNREFUSED') return passing(refused('Connection refused'));
  // TLS and HTTP that are wrong have codes of their own; without any it is a defect of ours.
  if (reason === null) throw error;
  return passing(refused(`of a socket error (${reason})`));
}
