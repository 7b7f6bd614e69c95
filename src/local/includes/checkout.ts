import { stat } from 'node:fs/promises';
import { highestRelease, isReleaseWish } from '../../base/release-version.ts';
import type { OpenedComponent, OpenedProject } from '../../config/index.ts';
import { refNames } from '../../includes/index.ts';
import { commitSources } from '../commit-sources.ts';
import { projectSources } from '../project-sources.ts';
import { answer, commitOf } from '../repository.ts';

/** A project that lies on this machine: the pipeline's own, or one that stands in for another. */
export interface Checkout {
  /** `ref` null: the project as it lies there. */
  open(ref: string | null): Promise<OpenedProject>;
  openVersion(version: string): Promise<OpenedComponent>;
}

/**
 * Reads the commits of a repository on this machine. The commit that is checked out has the files as they lie there,
 * uncommitted changes counted in, as everything else in a local run. A folder that is no repository has one state, which
 * answers for every ref.
 *
 * `head`: what null means when it is not what is checked out; a ref.
 */
export function openCheckout(
  folder: string,
  head: () => Promise<string | null> = async () => null,
): Checkout {
  async function open(ref: string | null): Promise<OpenedProject> {
    const found = await stat(folder).catch(() => null);
    if (found?.isDirectory() !== true) {
      return { kind: 'no-project', hint: `There is no folder ${folder}: look at --project.` };
    }
    const current = await commitOf(folder, 'HEAD');
    const wanted = ref ?? (await head());
    if (current === null) return { kind: 'opened', sha: null, files: projectSources(folder) };
    const sha = wanted === null ? current : await resolve(folder, wanted);
    if (sha === null) return { kind: 'no-ref', hint: `It was looked for in ${folder}.` };
    if (sha === current) return { kind: 'opened', sha, files: projectSources(folder) };
    return { kind: 'opened', sha, files: await commitSources(folder, sha) };
  }

  return {
    open,
    async openVersion(version) {
      const isTag = async (name: string) => (await commitOf(folder, `refs/tags/${name}`)) !== null;
      const release = isReleaseWish(version) ? highestRelease(await tagsOf(folder), version) : null;
      // A branch may be called `1`, too.
      if (release === null && isReleaseWish(version) && (await resolve(folder, version)) === null) {
        return { kind: 'no-release' };
      }
      const chosen = release ?? version;
      const opened = await open(chosen);
      if (opened.kind !== 'opened') return opened;
      const named = refNames(chosen).length > 0 && (await isTag(chosen));
      return { ...opened, version: named ? chosen : null };
    },
  };
}

/** A tag, a branch here, a branch of the remote, or the hash of a commit, whole or cut. */
async function resolve(folder: string, ref: string): Promise<string | null> {
  const names = refNames(ref);
  if (names.length === 0) return null;
  const remote = ref.startsWith('refs/') || ref === 'HEAD' ? [] : [`refs/remotes/origin/${ref}`];
  const hash = /^[0-9a-f]{7,64}$/.test(ref) ? [ref] : [];
  for (const name of [...names, ...remote, ...hash]) {
    const commit = await commitOf(folder, name);
    if (commit !== null) return commit;
  }
  return null;
}

async function tagsOf(folder: string): Promise<readonly string[]> {
  const listed = await answer(folder, ['for-each-ref', '--format=%(refname:lstrip=2)', 'refs/tags']);
  return listed?.split('\n') ?? [];
}
