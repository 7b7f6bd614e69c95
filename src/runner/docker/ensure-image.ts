import type { ImageInspectInfo } from 'dockerode';
import { AppError } from '../../base/app-error.ts';
import type { PullPolicy } from '../../pipeline/index.ts';
import type { JobImage } from '../../protocol/index.ts';
import type { JobLog } from '../log/job-log.ts';
import { asksForHelpers, findCredentials } from './credentials.ts';
import type { Engine } from './engine.ts';
import { engineError, engineWords, statusOf } from './engine.ts';
import { isImageName, parseImageReference, withTag } from './image-reference.ts';

/** An image that the engine has. */
export interface LocalImage {
  readonly id: string;
  /** The user its containers run as, as in its configuration; empty: root. */
  readonly user: string;
  /** In the order of their numbers. */
  readonly tcpPorts: readonly number[];
}

export interface ImageRequest {
  readonly image: JobImage;
  /** For an image that asks for no policy of its own. */
  readonly defaultPolicy: readonly PullPolicy[];
  readonly jobVariables: ReadonlyMap<string, string>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: JobLog;
  readonly signal: AbortSignal;
}

/**
 * Has the engine hold the image, by the policies in their order: the first that works decides.
 * @throws AppError `image-pull-failed` with what each policy came to.
 */
export async function ensureImage(engine: Engine, request: ImageRequest): Promise<LocalImage> {
  const { image, defaultPolicy, log } = request;
  if (!isImageName(image.name)) {
    throw new AppError(
      'image-pull-failed',
      `Cannot get the image "${image.name}": that is not an image's name.`,
      {
        hint: 'A name looks like registry.example.com/group/app:1.2, in small letters; is a variable in it empty?',
      },
    );
  }
  const policies = image.pullPolicy.length > 0 ? image.pullPolicy : defaultPolicy;
  const failures: string[] = [];
  for (const [index, policy] of policies.entries()) {
    request.signal.throwIfAborted();
    const attempt = await tryPolicy(engine, request, policy);
    if (attempt.kind === 'found') return attempt.image;
    failures.push(attempt.reason);
    const next = policies[index + 1];
    if (next !== undefined) {
      await log.line(`Cannot get ${image.name}: ${attempt.reason}. Trying pull policy "${next}".`, 'warning');
    }
  }
  throw new AppError(
    'image-pull-failed',
    `Cannot get the image ${image.name}: ${failures.join('; then ')}.`,
    {
      hint: hintFor(policies, failures),
    },
  );
}

type Attempt =
  | { readonly kind: 'found'; readonly image: LocalImage }
  | { readonly kind: 'failed'; readonly reason: string };

async function tryPolicy(engine: Engine, request: ImageRequest, policy: PullPolicy): Promise<Attempt> {
  const { image } = request;
  if (policy !== 'always') {
    const local = await inspect(engine, image);
    if (local !== null) return { kind: 'found', image: local };
    if (policy === 'never') {
      return {
        kind: 'failed',
        reason: 'the engine does not have it, and pull policy "never" forbids pulling',
      };
    }
  }
  const refusal = await pull(engine, request);
  if (refusal !== null) return { kind: 'failed', reason: refusal };
  const pulled = await inspect(engine, image);
  return pulled === null
    ? { kind: 'failed', reason: 'the engine pulled it but does not have it' }
    : { kind: 'found', image: pulled };
}

/** Null when the engine has no such image, or only one for another platform. */
async function inspect(engine: Engine, image: JobImage): Promise<LocalImage | null> {
  let info: ImageInspectInfo;
  try {
    info = await engine.getImage(image.name).inspect();
  } catch (error) {
    const status = statusOf(error);
    if (status === 404 || status === 400) return null;
    throw engineError(error, `look for the image ${image.name}`);
  }
  const platform = `${info.Os}/${info.Architecture}`;
  if (image.platform !== null && !`${image.platform}/`.startsWith(`${platform}/`)) return null;
  return {
    id: info.Id,
    user: info.Config?.User ?? '',
    tcpPorts: tcpPorts(Object.keys(info.Config?.ExposedPorts ?? {})),
  };
}

function tcpPorts(exposed: readonly string[]): readonly number[] {
  return exposed
    .map((port) => /^(\d+)(?:\/tcp)?$/.exec(port)?.[1])
    .filter((port) => port !== undefined)
    .map(Number)
    .sort((left, right) => left - right);
}

/** Null when it worked, else the engine's words. */
async function pull(engine: Engine, request: ImageRequest): Promise<string | null> {
  const { image, log, signal } = request;
  const { registry } = parseImageReference(image.name);
  if (asksForHelpers(request.jobVariables)) {
    await log.line(
      'DOCKER_AUTH_CONFIG names credential helpers; they are run only for your own config.json.',
      'warning',
    );
  }
  const credentials = await findCredentials(registry, request.jobVariables, request.env);
  await log.line(
    `Pulling image ${image.name}${credentials === null ? '' : ` as ${credentials.username}`} …`,
    'info',
  );
  try {
    const progress = await engine.createImage(credentials ?? {}, {
      fromImage: withTag(image.name),
      ...(image.platform === null ? {} : { platform: image.platform }),
      abortSignal: signal,
    });
    return await readPullProgress(progress);
  } catch (error) {
    signal.throwIfAborted();
    const translated = engineError(error, 'pull');
    if (translated instanceof AppError && translated.code === 'docker-engine-unavailable') throw translated;
    return engineWords(error);
  }
}

/** The answer begins with status 200 in any case; whether the pull failed stands in one of its lines. */
async function readPullProgress(progress: NodeJS.ReadableStream): Promise<string | null> {
  let failure: string | null = null;
  let rest = '';
  for await (const chunk of progress) {
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) failure = errorIn(line) ?? failure;
  }
  return errorIn(rest) ?? failure;
}

function errorIn(line: string): string | null {
  if (!line.includes('"error"')) return null;
  const parsed: unknown = JSON.parse(line);
  const error: unknown = typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, 'error') : null;
  return typeof error === 'string' ? error : null;
}

function hintFor(policies: readonly PullPolicy[], failures: readonly string[]): string {
  const said = failures.join(' ');
  if (/unauthorized|denied|authentication required|no basic auth/i.test(said)) {
    return 'Check the name; for a private image run `docker login` or set the variable DOCKER_AUTH_CONFIG.';
  }
  if (
    /not found|manifest unknown|no such image/i.test(said) &&
    !policies.every((policy) => policy === 'never')
  ) {
    return 'Check the name and the tag.';
  }
  if (policies.every((policy) => policy === 'never')) {
    return 'Build or load the image first, or allow pull_policy: if-not-present.';
  }
  return 'Check the network, or build or load the image under this name and allow pull_policy: if-not-present.';
}
