import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { remembered } from '../../base/remembered.ts';
import {
  type ComponentAddress,
  decodeSource,
  type Elsewhere,
  MAX_SOURCE_BYTES,
  type OpenedComponent,
  type RemoteFile,
} from '../../config/index.ts';
import {
  createTimeBudget,
  digestOf,
  type FetchHints,
  fetchHttp,
  type GitAccess,
  type HttpAnswer,
  isProjectPath,
  openRemoteProject,
  type RemoteProject,
  readShippedTemplate,
  serverOfComponent,
  TIMEOUT,
  type TimeBudget,
} from '../../includes/index.ts';
import { createSlots } from '../git/slots.ts';
import { openIncludeFiles } from './include-files.ts';

export interface OutsideIncludesOptions {
  /** Where fetched files are kept, and lie while they are fetched. */
  readonly folder: string;
  /** Hosts that may be reached although their address is private. */
  readonly allowedHosts: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly failed: (error: unknown) => void;
}

/** What is on no project of the server, for one pipeline. Disposing removes what was fetched on the way. */
export type OutsideDoors = Pick<Elsewhere, 'readRemote' | 'readTemplate' | 'openComponent'> & AsyncDisposable;

export interface OutsideIncludes {
  open(): OutsideDoors;
}

/**
 * Fetches for pipelines of the server what is elsewhere, as a stranger to everybody: without credentials, without proxies,
 * and not from private addresses, so that who may push a file cannot look around in the server's network.
 */
export async function createOutsideIncludes(options: OutsideIncludesOptions): Promise<OutsideIncludes> {
  const { folder, failed } = options;
  const allowedHosts = new Set(
    options.allowedHosts.map((host) => host.toLowerCase().replace(/^\[|\]$/g, '')),
  );
  const fetching = join(folder, 'fetching');
  // Of a server that was killed.
  await rm(fetching, { recursive: true, force: true });
  const kept = openIncludeFiles({ folder: join(folder, 'files'), maxBytes: MAX_KEPT_BYTES, failed });
  const slots = createSlots(SLOTS);
  const environment = gitSurroundings(options.environment, folder);

  function open(): OutsideDoors {
    const id = randomUUID();
    const own = join(fetching, id);
    const time = createTimeBudget(ALL_FETCHING_MS, () => performance.now());
    let folders = 0;
    const access: GitAccess = {
      ...{ environment, allowedHosts, time },
      token: null,
      anonymous: true,
      newFolder: () => join(own, String(++folders)),
      maxBytes: MAX_PROJECT_BYTES,
      hints: HINTS,
    };
    const projects = new Map<string, Promise<RemoteProject>>();
    const components = new Map<string, Promise<OpenedComponent>>();
    const files = new Map<string, Promise<RemoteFile>>();
    const never = new AbortController().signal;

    async function inTurn<T>(work: () => Promise<T>, over: () => T): Promise<T> {
      const giveBack = await slots.take(id, never);
      if (giveBack === null) return over();
      return work().finally(giveBack);
    }

    async function openComponent({ host, project, version }: ComponentAddress): Promise<OpenedComponent> {
      const server = isProjectPath(project) ? serverOfComponent(host) : null;
      if (server === null) return { kind: 'no-project', hint: null };
      const key = `${server.base}${project}`;
      const remote = await remembered(projects, key, () =>
        openRemoteProject({ server, path: project, access, kept, offline: false }),
      );
      return remote.openVersion(version);
    }

    return {
      readRemote: (address) =>
        remembered(files, address, () =>
          inTurn(
            () => readRemote(address, allowedHosts, time),
            () => TIMEOUT,
          ),
        ),
      readTemplate: readShippedTemplate,
      openComponent(component) {
        const { host, project, version } = component;
        return remembered(components, `${host}\0${project}\0${version}`, () =>
          inTurn(
            () => openComponent(component),
            () => TIMEOUT,
          ),
        );
      },
      async [Symbol.asyncDispose]() {
        if (folders > 0) await rm(own, { recursive: true, force: true }).catch(failed);
      },
    };
  }

  return { open };
}

/** As long as GitLab allows for all includes of a pipeline. */
const ALL_FETCHING_MS = 30_000;
const HTTP_TIME_LIMIT_MS = 10_000;
const MAX_PROJECT_BYTES = 64 * 1024 * 1024;
const MAX_KEPT_BYTES = 256 * 1024 * 1024;
const SLOTS = { all: 16, perKey: 4, waiting: 10_000, waitMs: ALL_FETCHING_MS };

const HINTS: FetchHints = {
  access:
    'The server fetches without credentials: what is private on another server has to be pushed to a project of this one.',
  tooMuch: 'Push the project to this server, which then reads it without fetching.',
};

async function readRemote(
  address: string,
  allowedHosts: ReadonlySet<string>,
  time: TimeBudget,
): Promise<RemoteFile> {
  const answer = await time.spend<HttpAnswer>(
    (leftMs) =>
      fetchHttp(address, {
        allowedHosts,
        maxBytes: MAX_SOURCE_BYTES,
        timeLimitMs: Math.min(leftMs, HTTP_TIME_LIMIT_MS),
      }),
    () => TIMEOUT,
  );
  if (answer.kind !== 'bytes') return answer;
  const source = decodeSource(answer.bytes);
  return source.kind === 'text' ? { ...source, digest: digestOf(answer.bytes) } : source;
}

/** Nothing of the account that the server runs under: neither its configuration of git, nor its keys or proxies. */
function gitSurroundings(environment: NodeJS.ProcessEnv, folder: string): NodeJS.ProcessEnv {
  const passed = PASSED_ON.flatMap((name) => {
    const value = environment[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(passed), HOME: join(folder, 'home') };
}

const PASSED_ON = [
  'PATH',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'GIT_SSL_CAINFO',
  'GIT_SSL_CAPATH',
  'CURL_CA_BUNDLE',
];
