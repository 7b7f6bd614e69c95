import { runGit } from '../../base/git.ts';
import { isRefName } from '../../base/ref-name.ts';
import type { Repositories } from '../git/index.ts';

export interface FoundRef {
  readonly ref: { readonly name: string; readonly kind: 'branch' | 'tag' };
  /** Of the commit, or of the annotated tag. */
  readonly hash: string;
}

/** The branch of this name, or else the tag; `refs/heads/…` and `refs/tags/…` mean one of both. null: there is none. */
export async function findRef(
  { repositories }: { readonly repositories: Repositories },
  projectId: number,
  name: string,
): Promise<FoundRef | null> {
  const [, prefix, short = name] = /^refs\/(heads|tags)\/(.+)$/s.exec(name) ?? [];
  if (!isRefName(short)) return null;
  for (const [kind, folder] of KINDS) {
    if (prefix !== undefined && prefix !== folder) continue;
    const ref = `refs/${folder}/${short}`;
    const read = await runGit(repositories.folderOf(projectId), [
      'show-ref',
      '--verify',
      '--hash',
      '--',
      ref,
    ]);
    if (read.ok) return { ref: { name: short, kind }, hash: read.stdout.trim() };
  }
  return null;
}

const KINDS = [
  ['branch', 'heads'],
  ['tag', 'tags'],
] as const;
