import { createHash, createSign, randomUUID, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

export interface TokenServiceOptions {
  /** The one account there is; its token is its password. */
  readonly account: string;
  readonly token: string;
  /** PEM: what tokens are signed with, and the certificate by which the registry knows them. */
  readonly key: string;
  readonly certificate: string;
}

/**
 * The service that Docker Hub has at auth.docker.io: anybody gets a token to pull, the account one to push to its own
 * repositories, and wrong credentials get 401. Tokens are the JWTs of the distribution project's token specification.
 */
export function createTokenService(options: TokenServiceOptions): Server {
  return createServer((request, response) => answer(options, request, response));
}

function answer(options: TokenServiceOptions, request: IncomingMessage, response: ServerResponse): void {
  const credentials = basicCredentials(request.headers.authorization);
  if (credentials !== null && !areRight(options, credentials)) {
    response.writeHead(401, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ details: 'incorrect username or password' }));
    return;
  }
  const account = credentials === null ? null : options.account;
  const url = new URL(request.url ?? '/', 'http://token-service');
  const access = url.searchParams.getAll('scope').flatMap((scope) => grantedAccess(scope, account));
  const token = signToken(options, account, url.searchParams.get('service') ?? '', access);
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ token, expires_in: TOKEN_SECONDS }));
}

const TOKEN_SECONDS = 300;

function basicCredentials(header: string | undefined): { account: string; token: string } | null {
  const encoded = /^Basic (.*)$/.exec(header ?? '')?.[1];
  if (encoded === undefined) {
    return null;
  }
  const [account = '', ...token] = Buffer.from(encoded, 'base64').toString().split(':');
  return { account, token: token.join(':') };
}

function areRight(options: TokenServiceOptions, given: { account: string; token: string }): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return given.account === options.account && timingSafeEqual(digest(given.token), digest(options.token));
}

interface Access {
  readonly type: string;
  readonly name: string;
  readonly actions: readonly string[];
}

/** A scope is `repository:NAME:ACTION,ACTION`; what is not allowed is left out, and the registry says no. */
function grantedAccess(scope: string, account: string | null): Access[] {
  const match = /^repository:([^:]+):([a-z*,]+)$/.exec(scope);
  if (match === null) {
    return [];
  }
  const [, name = '', actions = ''] = match;
  const own = account !== null && name.startsWith(`${account}/`);
  return [
    { type: 'repository', name, actions: actions.split(',').filter((action) => action === 'pull' || own) },
  ];
}

function signToken(
  options: TokenServiceOptions,
  account: string | null,
  service: string,
  access: readonly Access[],
): string {
  const now = Math.floor(Date.now() / 1000);
  const der = options.certificate.replace(/-----[A-Z ]+-----|\s/g, '');
  const signed = [
    { typ: 'JWT', alg: 'RS256', x5c: [der] },
    {
      iss: 'auth.docker.io',
      sub: account ?? '',
      aud: service,
      iat: now,
      nbf: now - 60,
      exp: now + TOKEN_SECONDS,
      jti: randomUUID(),
      access,
    },
  ]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${signed}.${createSign('RSA-SHA256').update(signed).sign(options.key, 'base64url')}`;
}
