import type { FastifyRequest } from 'fastify';
import { noteTokenUse, type Project, projectById, projectByPath } from '../../../store/index.ts';
import { Refusal } from '../../runner-api/refusal.ts';
import type { ServerParts } from '../../server-parts.ts';
import { type Caller, callerOf, credentialsOf } from './caller.ts';
import { createFailedAttempts } from './failed-attempts.ts';

/** What a route wants to do: jobs may only do what a route lets them. */
export interface Purpose {
  readonly writes?: boolean;
  readonly jobsMay?: boolean;
}

/** Who may do what. What it throws is a Refusal. */
export interface Access {
  /** Finds out who asks, before anything else is done with a request: 401 when the credentials are not right. */
  identify(request: FastifyRequest): Promise<void>;
  caller(request: FastifyRequest): Caller;
  /** The only person there is; 401 for nobody, 403 for others. */
  administrator(request: FastifyRequest, purpose?: Pick<Purpose, 'writes'>): void;
  /** Anybody who said who they are. */
  somebody(request: FastifyRequest): Caller;
  /**
   * The project of an address, `id` being its number or path. 404 for one that is not there or that this caller may not
   * know of: which of both, nobody learns.
   */
  project(request: FastifyRequest, id: string, purpose?: Purpose): Promise<Project>;
}

export function createAccess({ store, clock }: Pick<ServerParts, 'store' | 'clock'>): Access {
  const attempts = createFailedAttempts(clock);
  const callers = new WeakMap<FastifyRequest, Caller>();

  function caller(request: FastifyRequest): Caller {
    return callers.get(request) ?? NOBODY;
  }

  /** Now and then: a request is not to wait for the disk. */
  async function noteUse(who: Caller): Promise<void> {
    if (!('token' in who)) return;
    const { id, lastUsedAt } = who.token;
    const now = clock.now();
    if (lastUsedAt !== null && now - lastUsedAt < NOTE_USE_EVERY_MS) return;
    await store.write(({ db }) => noteTokenUse(db, id, now));
  }

  return {
    async identify(request) {
      const credentials = credentialsOf(request.headers);
      if (credentials === null) return;
      // Jobs that are over come with their tokens, too: they must not shut out a person on the same machine.
      const address = `${credentials.kind} ${request.ip}`;
      const wait = attempts.waitFor(address, credentials.hash);
      if (wait !== null)
        throw new Refusal(429, '429 Too Many Requests', {
          'Retry-After': String(wait),
        });
      const found = await store.read((db) => callerOf(db, credentials, clock.now()));
      if (found === null) {
        attempts.wrong(address);
        throw unauthorized();
      }
      attempts.right(credentials.hash);
      callers.set(request, found);
      await noteUse(found);
    },
    caller,
    administrator(request, { writes = false } = {}) {
      const who = caller(request);
      if (who.kind === 'nobody') throw unauthorized();
      if (who.kind !== 'administrator' || (writes && !who.mayWrite)) throw forbidden();
    },
    somebody(request) {
      const who = caller(request);
      if (who.kind === 'nobody') throw unauthorized();
      return who;
    },
    async project(request, id, purpose = {}) {
      const who = caller(request);
      if (who.kind === 'nobody' && purpose.writes === true) throw unauthorized();
      const project = await store.read((db) =>
        NUMBER.test(id) ? projectById(db, Number(id)) : projectByPath(db, id),
      );
      if (project === null || !maySee(who, project)) throw new Refusal(404, '404 Project Not Found');
      if (!mayDo(who, project, purpose)) throw forbidden();
      return project;
    },
  };
}

/** As GitLab does. */
const NOTE_USE_EVERY_MS = 10 * 60_000;

const NOBODY: Caller = { kind: 'nobody' };
const NUMBER = /^[1-9]\d{0,14}$/;

function maySee(who: Caller, project: Project): boolean {
  if (who.kind === 'administrator' || project.settings.visibility === 'public') return true;
  if (who.kind === 'nobody') return false;
  return who.projectId === project.id;
}

/** Of a project that the caller may see. */
function mayDo(who: Caller, project: Project, { writes = false, jobsMay = false }: Purpose): boolean {
  switch (who.kind) {
    case 'nobody':
      return !writes;
    case 'administrator':
      return who.mayWrite || !writes;
    case 'project':
      return writes ? who.mayWrite && who.projectId === project.id : true;
    case 'job':
      return jobsMay && (who.projectId === project.id || !writes);
  }
}

function unauthorized(): Refusal {
  return new Refusal(401, '401 Unauthorized');
}

function forbidden(): Refusal {
  return new Refusal(403, '403 Forbidden');
}
