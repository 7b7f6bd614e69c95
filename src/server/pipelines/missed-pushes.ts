import { listProjects, type Store, seenRefs } from '../../store/index.ts';
import { type PushReceiver, type Repositories, readRefTips, updatesBetween } from '../git/index.ts';

/**
 * Looks in every repository for what was pushed and never dealt with, because the server was killed in between. An
 * acknowledged push is never among them; one whose author heard nothing may be. A project that was being made then gets
 * its repository now.
 */
export async function receiveMissedPushes({
  store,
  repositories,
  receiver,
}: {
  readonly store: Store;
  readonly repositories: Repositories;
  readonly receiver: PushReceiver;
}): Promise<void> {
  for (let after = 0; ; ) {
    const projects = await store.read((db) => listProjects(db, {}, { limit: PROJECTS_AT_ONCE, after }));
    for (const { id, path, defaultBranch } of projects) {
      after = id;
      if (!(await repositories.exists(id))) {
        await repositories.create(id, defaultBranch);
        continue;
      }
      const seen = await store.read((db) => seenRefs(db, id));
      const updates = updatesBetween(seen, await readRefTips(repositories.folderOf(id)));
      const options = {
        skip: false,
        variables: new Map<string, string>(),
        inputs: new Map<string, string>(),
      };
      // Nobody knows which of them came together, so none is one too many of its push.
      for (const update of updates) {
        await receiver.pushed({ project: { id, path }, user: null, updates: [update], options });
      }
    }
    if (projects.length < PROJECTS_AT_ONCE) return;
  }
}

const PROJECTS_AT_ONCE = 100;
