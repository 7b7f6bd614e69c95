import type { Clock } from '../../base/clock.ts';
import {
  deployKeyAccess,
  isWithRunner,
  jobByToken,
  markSshKeyUsed,
  type Project,
  projectByPath,
  type Store,
  sshKeyByFingerprint,
  tokenByHash,
} from '../../store/index.ts';
import type { GitAccess, GitUser, OpenedRepository } from '../git/index.ts';
import { isProtectedRef } from '../pipelines/protected-refs.ts';
import { hashToken } from '../runner-api/token-hash.ts';

/**
 * Who may read and push: the administrator with a token or a key, deploy keys for their projects, a project's token for its project, and a running job for its
 * own project, which it may read. Public projects may be read by everybody. There are no people yet.
 */
export function createGitAccess(store: Store, clock: Clock): GitAccess {
  return {
    async identify({ user, password }) {
      const hash = hashToken(password);
      return store.read(async (db) => {
        if (user === 'gitlab-ci-token') {
          const job = await jobByToken(db, hash);
          if (job === null || !isWithRunner(job)) return null;
          return { id: `job of ${job.project_id}`, name: `job ${job.id}` };
        }
        const token = await tokenByHash(db, hash, clock.now());
        if (token === null || token.kind === 'registration') return null;
        return token.kind === 'personal'
          ? { id: ADMINISTRATOR, name: 'Administrator' }
          : { id: `token of ${token.projectId} ${token.scopes.join(' ')}`, name: token.name };
      });
    },
    async identifyKey({ fingerprint }) {
      const now = clock.now();
      const key = await store.read((db) => sshKeyByFingerprint(db, fingerprint, now));
      if (key === null) return null;
      if (now - (key.lastUsedAt ?? 0) > USE_IS_NOTED_EVERY_MS) {
        await store.write(({ db }) => markSshKeyUsed(db, key.id, now));
      }
      return key.kind === 'person'
        ? { id: ADMINISTRATOR, name: 'Administrator' }
        : { id: `deploy key ${key.id}`, name: key.title };
    },
    async open(path, user) {
      const project = await store.read((db) => projectByPath(db, path));
      if (project === null) return null;
      const key = /^deploy key (\d+)$/.exec(user?.id ?? '')?.[1];
      const access =
        key === undefined ? null : await store.read((db) => deployKeyAccess(db, Number(key), project.id));
      return openFor(project, user, access);
    },
  };
}

const ADMINISTRATOR = 'administrator';

const USE_IS_NOTED_EVERY_MS = 300_000;

function openFor(
  project: Project,
  user: GitUser | null,
  keyAccess: 'read' | 'write' | null,
): OpenedRepository | null {
  const id = user?.id ?? '';
  const isAdministrator = id === ADMINISTRATOR;
  const ownToken = id.startsWith(`token of ${project.id} `)
    ? id.slice(`token of ${project.id} `.length)
    : null;
  const scopes = ownToken?.split(' ') ?? [];
  const mayPush =
    isAdministrator || keyAccess === 'write' || scopes.includes('write_repository') || scopes.includes('api');
  const mayRead =
    mayPush ||
    keyAccess === 'read' ||
    scopes.includes('read_repository') ||
    id === `job of ${project.id}` ||
    project.settings.visibility === 'public';
  if (!mayRead) return null;
  return {
    project: { id: project.id, path: project.path },
    defaultBranch: project.defaultBranch,
    mayPush,
    isJob: id === `job of ${project.id}`,
    ruleFor({ ref }) {
      const kind = ref.startsWith('refs/tags/') ? 'tag' : 'branch';
      const name = ref.replace(/^refs\/(?:heads|tags)\//, '');
      if (!isProtectedRef(project.settings, { name, kind })) return { kind: 'allowed' };
      return { kind: 'forward-only', why: `${name} is protected: what is there stays` };
    },
  };
}
