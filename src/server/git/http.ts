import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBasicAuth } from './basic-auth.ts';
import { type CgiAnswer, readCgiAnswer } from './cgi-answer.ts';
import { type GitProcess, startServerGit } from './git-process.ts';
import { type GitRoute, readGitRoute } from './git-route.ts';
import { type IdleWatch, watchIdle } from './idle-watch.ts';
import { GIT_LIMITS, type GitLimits } from './limits.ts';
import type { GitSurroundings, GitUser, OpenedRepository } from './ports.ts';
import { refuseAll, refusePush } from './push-answer.ts';
import { decidePush } from './push-decision.ts';
import { answerPush, feedGit, startPush } from './push-exchange.ts';
import { REF_RULES_VARIABLE } from './ref-rules.ts';
import type { Repositories } from './repositories.ts';
import { BodyTooLarge, requestBody } from './request-body.ts';
import { createSlots, type Slots } from './slots.ts';
import { takeStart } from './take-start.ts';
import { writeTo } from './write-to.ts';

export interface GitHttpOptions {
  readonly repositories: Repositories;
  readonly surroundings: GitSurroundings;
  readonly limits?: Partial<GitLimits>;
}

/** Answers a request when it is one of git's; otherwise leaves it alone and answers false. Never fails. */
export type GitHttp = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;

/**
 * Serves repositories by smart HTTP, through git's own http-backend. The server that it is part of sets `requestTimeout`
 * to 0, since a push of many gigabytes takes its time: who does not move is let go here.
 *
 * A project that somebody may not know of is answered as one that is not there. Nobody starts a git process before the
 * first part of the request is here, and nobody has more of them at once than `limits` says.
 */
export function createGitHttp({ repositories, surroundings, limits: given }: GitHttpOptions): GitHttp {
  const limits = { ...GIT_LIMITS, ...given };
  const slots = createSlots(limits.processes);

  return async function serve(request, response) {
    const route = readGitRoute(request.url ?? '');
    if (route === null) return false;
    try {
      await serveRoute(route, { request, response, repositories, surroundings, limits, slots });
    } catch (error) {
      const project = route === 'dumb' ? '' : route.project;
      if (error instanceof BodyTooLarge) refuse(response, 413, error.message);
      else if (!response.destroyed) {
        surroundings.failed(error, { project, action: 'serve git over HTTP' });
        refuse(response, 500, 'The server could not do it.');
      }
    }
    return true;
  };
}

interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly repositories: Repositories;
  readonly surroundings: GitSurroundings;
  readonly limits: GitLimits;
  readonly slots: Slots;
}

async function serveRoute(route: GitRoute | 'dumb', call: Call): Promise<void> {
  const { request, response } = call;
  if (route === 'dumb') {
    return refuse(response, 403, 'Only the smart protocol of git is spoken here. A newer git knows it.');
  }
  const method = route.step === 'info' ? 'GET' : 'POST';
  if (request.method !== method)
    return refuse(response, 405, `Only ${method} is answered here.`, { Allow: method });
  if (
    route.step === 'exchange' &&
    request.headers['content-type'] !== `application/x-${route.service}-request`
  ) {
    return refuse(response, 415, `This is no request of ${route.service}.`);
  }
  const admitted = await admit(route, call);
  if (admitted === null) return;
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const watch = watchIdle(call.limits.idleMs, 1, () => request.socket.destroy());
  try {
    const exchange = { ...call, ...admitted, route, watch, gone: gone.signal };
    if (route.step === 'info') await relay(exchange, null);
    else if (route.service === 'git-upload-pack') await serveFetch(exchange);
    else await servePush(exchange);
  } finally {
    watch.stop();
  }
}

interface Admitted {
  readonly user: GitUser | null;
  readonly repository: OpenedRepository;
}

/** Who asks, and what for; null when they have their answer already. */
async function admit(
  { project, service }: GitRoute,
  { request, response, surroundings: { access } }: Call,
): Promise<Admitted | null> {
  const header = request.headers.authorization;
  const credentials = header === undefined ? null : readBasicAuth(header);
  const user = credentials === null ? null : await access.identify(credentials);
  const askForPassword = (): null => {
    refuse(response, 401, 'Who are you? A token as the password is needed.', {
      'WWW-Authenticate': CHALLENGE,
    });
    return null;
  };
  if (header !== undefined && user === null) return askForPassword();
  const repository = await access.open(project, user);
  const isAllowed = repository !== null && (service === 'git-upload-pack' || repository.mayPush);
  if (isAllowed) return { user, repository };
  if (user === null) return askForPassword();
  if (repository === null) refuse(response, 404, `There is no project ${project}, or you may not see it.`);
  else refuse(response, 403, `You may not push to ${project}.`);
  return null;
}

const CHALLENGE = 'Basic realm="Slipway", charset="UTF-8"';

interface Exchange extends Call, Admitted {
  readonly route: GitRoute;
  readonly watch: IdleWatch;
  readonly gone: AbortSignal;
}

async function serveFetch(exchange: Exchange): Promise<void> {
  const { request, response, limits, watch } = exchange;
  const body = requestBody(request, limits.fetchRequestBytes, watch.moved);
  if (body === null) return refuse(response, 415, 'Only gzip is unpacked here.');
  let bytes = 0;
  const start = await takeStart(body, (chunk) => {
    bytes += chunk.length;
    return bytes >= START_BYTES;
  });
  await relay(exchange, (git) => feedGit(git, start, body));
}

/** More than the questions of nearly every fetch; kept in memory while a slow client sends it. */
const START_BYTES = 65_536;

async function servePush(exchange: Exchange): Promise<void> {
  const { request, response, limits, watch, repository } = exchange;
  const body = requestBody(request, limits.pushBytes, watch.moved);
  if (body === null) return refuse(response, 415, 'Only gzip is unpacked here.');
  const push = await startPush(body);
  if (push.kind === 'refused') return answerAtOnce(exchange, body, refuseAll(push));
  const { head, start } = push;
  const decision = decidePush(head, repository);
  if (decision.kind === 'refused') {
    return answerAtOnce(exchange, body, refusePush(head, decision.reason, decision.lines));
  }
  // Until it is recorded, and git is gone.
  const endPush = exchange.repositories.activity.begin(repository.project.id);
  await withGit(exchange, decision.rules, async (git) => {
    let isWhole = false;
    exchange.gone.addEventListener('abort', () => {
      // What came whole is carried out, and recorded, even if nobody waits for the answer.
      if (!isWhole) git.end();
    });
    const fed = feedGit(git, start, body).then((cut) => {
      isWhole = cut === null;
      if (isWhole) watch.stop();
      return cut;
    });
    const found = await beginAnswer(exchange, git, fed);
    await answerPush({ ...exchange, head, decision, answer: found.body, out: response });
    response.end();
    await fed;
  }).finally(endPush);
}

/** Without git. The rest of the body is read and dropped, since the client hears nothing before it has sent it. */
async function answerAtOnce(
  { response }: Exchange,
  body: AsyncIterable<Buffer>,
  bytes: Buffer,
): Promise<void> {
  for await (const _ of body);
  response
    .writeHead(200, { 'Content-Type': 'application/x-git-receive-pack-result', ...NO_CACHE })
    .end(bytes);
}

const NO_CACHE = { 'Cache-Control': 'no-cache, max-age=0, must-revalidate' } as const;

type Fed = Awaited<ReturnType<typeof feedGit>>;

/** Passes on what git says to `feed`'s request, or to none. */
async function relay(exchange: Exchange, feed: ((git: GitProcess) => Promise<Fed>) | null): Promise<void> {
  const { response, watch, gone } = exchange;
  await withGit(exchange, '', async (git) => {
    gone.addEventListener('abort', () => git.end());
    if (feed === null) git.child.stdin.end();
    const fed = feed?.(git) ?? Promise.resolve(null);
    const found = await beginAnswer(exchange, git, fed);
    for await (const chunk of found.body) {
      await writeTo(response, chunk);
      watch.moved(chunk.length);
    }
    // Cut off and not ended: a client must not take the part for the whole.
    if ((await git.ended) !== 0) response.destroy();
    response.end();
    await fed;
  });
}

/** The head of git's answer, passed on. @throws why there is none. */
async function beginAnswer({ response }: Exchange, git: GitProcess, fed: Promise<Fed>): Promise<CgiAnswer> {
  const found = await readCgiAnswer(git.child.stdout);
  if (found === null) {
    await git.ended;
    const cut = git.isEnding() ? await fed : null;
    throw cut?.failure ?? new Error(`git http-backend ended without an answer: ${git.complaint()}`);
  }
  if (!response.destroyed) response.writeHead(found.status, found.headers);
  return found;
}

async function withGit(
  exchange: Exchange,
  rules: string,
  use: (git: GitProcess) => Promise<void>,
): Promise<void> {
  const { response, slots, gone, limits, user, request } = exchange;
  const key = user?.id ?? `address ${request.socket.remoteAddress ?? 'unknown'}`;
  const leave = await slots.take(key, gone);
  if (leave === null) {
    return refuse(response, 503, 'Too many are using git here just now. Try again.', {
      'Retry-After': String(Math.ceil(limits.processes.waitMs / 1000)),
    });
  }
  const git = startBackend(exchange, rules);
  try {
    await use(git);
  } finally {
    git.end();
    await git.ended;
    leave();
  }
}

function startBackend(exchange: Exchange, rules: string): GitProcess {
  const { repositories, repository, route, request, limits } = exchange;
  const isInfo = route.step === 'info';
  const protocol = request.headers['git-protocol'];
  const config = repositories.config(rules !== '', {
    mayPush: repository.mayPush,
    maxPushBytes: limits.pushBytes,
    showsPipelines: repository.isJob ?? false,
  });
  return startServerGit(['http-backend'], config, {
    // Nothing of it was written by the client but one of two services.
    GIT_PROJECT_ROOT: repositories.root,
    PATH_INFO: `/${repository.project.id}.git/${isInfo ? 'info/refs' : route.service}`,
    QUERY_STRING: isInfo ? `service=${route.service}` : '',
    REQUEST_METHOD: isInfo ? 'GET' : 'POST',
    CONTENT_TYPE: isInfo ? '' : `application/x-${route.service}-request`,
    GIT_HTTP_EXPORT_ALL: '1',
    GIT_HTTP_MAX_REQUEST_BUFFER: String(limits.fetchRequestBytes),
    ...(typeof protocol === 'string' && /^[a-z0-9=:.-]{1,200}$/.test(protocol)
      ? { GIT_PROTOCOL: protocol }
      : {}),
    ...(rules === '' ? {} : { [REF_RULES_VARIABLE]: rules }),
  });
}

function refuse(
  response: ServerResponse,
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.headersSent) response.destroy();
  if (response.destroyed) return;
  // What the client still sends is not waited for.
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    Connection: 'close',
    ...headers,
  });
  response.end(`${message}\n`);
}
