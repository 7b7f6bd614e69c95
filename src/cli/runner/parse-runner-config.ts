import { AppError } from '../../base/app-error.ts';
import type { RunnerConfig, RunnerEntry } from './runner-config.ts';

/**
 * Reads the text of a configuration. What is not known is an error: a setting that is spelled wrongly would be one that
 * is not made. Messages never quote a value, because it may be a token.
 *
 * @throws AppError `bad-runner-config`
 */
export function parseRunnerConfig(path: string, text: string): RunnerConfig {
  const fail = (what: string): never => {
    throw new AppError('bad-runner-config', `${path}: ${what}.`, {
      hint: 'Mend it, or move it away and register the runners again.',
    });
  };
  const root = objectAt(parse(text) ?? fail('it is not JSON'), 'it', ROOT_KEYS, fail);
  const { systemId, concurrency = null, runners = [] } = root;
  if (typeof systemId !== 'string' || !/^[rs]_[A-Za-z0-9]{12}$/.test(systemId)) {
    return fail('systemId is not r_ and twelve letters or digits');
  }
  if (!Array.isArray(runners)) return fail('runners is not a list');
  return {
    systemId,
    concurrency: countOrNull(concurrency, 'concurrency', fail),
    runners: runners.map((each: unknown, index) => readEntry(each, `runners[${index}]`, fail)),
  };
}

type Fail = (what: string) => never;

const ROOT_KEYS = ['systemId', 'concurrency', 'runners'];
const ENTRY_KEYS = [
  ...['name', 'url', 'token', 'executor', 'image', 'sandbox', 'privileged'],
  ...['engineSocket', 'concurrency', 'tlsCaFile', 'logLimitMegabytes'],
];

function readEntry(value: unknown, place: string, fail: Fail): RunnerEntry {
  const entry = objectAt(value, place, ENTRY_KEYS, fail);
  const text = (key: string) => {
    const found = entry[key];
    return typeof found === 'string' && found !== '' ? found : fail(`${place}.${key} is not a text`);
  };
  const textOrNull = (key: string) => ((entry[key] ?? null) === null ? null : text(key));
  const { executor = 'auto', sandbox = true, privileged = 'auto' } = entry;
  const { engineSocket = false, concurrency = null, logLimitMegabytes = USUAL_LOG_LIMIT } = entry;
  return {
    name: text('name'),
    url: text('url'),
    token: text('token'),
    executor:
      EXECUTORS.find((known) => known === executor) ??
      fail(`${place}.executor is not one of ${EXECUTORS.join(', ')}`),
    image: textOrNull('image'),
    sandbox: typeof sandbox === 'boolean' ? sandbox : fail(`${place}.sandbox is not true or false`),
    privileged:
      privileged === 'auto' || typeof privileged === 'boolean'
        ? privileged
        : fail(`${place}.privileged is not "auto", true or false`),
    engineSocket:
      typeof engineSocket === 'boolean' ? engineSocket : fail(`${place}.engineSocket is not true or false`),
    concurrency: countOrNull(concurrency, `${place}.concurrency`, fail),
    tlsCaFile: textOrNull('tlsCaFile'),
    logLimitMegabytes: countOrNull(logLimitMegabytes, `${place}.logLimitMegabytes`, fail) ?? USUAL_LOG_LIMIT,
  };
}

const EXECUTORS = ['auto', 'shell', 'docker'] as const;
/** Below what servers take: they end a job whose log is too long. */
const USUAL_LOG_LIMIT = 64;

function countOrNull(value: unknown, place: string, fail: Fail): number | null {
  if (value === null) return null;
  const isCount = typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
  return isCount ? value : fail(`${place} is not a whole number from 1`);
}

function objectAt(
  value: unknown,
  place: string,
  keys: readonly string[],
  fail: Fail,
): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return fail(`${place} is not an object`);
  const unknown = Object.keys(value).find((key) => !keys.includes(key));
  if (unknown !== undefined) fail(`${place} has ${JSON.stringify(unknown)}, which is not known`);
  return Object.fromEntries(Object.entries(value));
}

/** null for what is not JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // What the parser says could quote a token.
  }
}
