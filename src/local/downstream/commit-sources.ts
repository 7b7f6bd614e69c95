import { runGit } from '../../base/git.ts';
import type { Elsewhere, SourceFile, Sources } from '../../config/index.ts';
import { decodeSource, MAX_SOURCE_BYTES } from '../decode-source.ts';
import { answer } from '../repository.ts';

/** The files of a project as a commit has them. A symbolic link is absent: what it names may be outside. */
export function commitSources(folder: string, commit: string, elsewhere: Elsewhere): Sources {
  let files: Promise<readonly string[]> | null = null;
  return {
    readFile: (path) => readCommitted(folder, commit, path),
    listFiles() {
      files ??= listCommitted(folder, commit);
      return files;
    },
    async changedSince(ref) {
      const base = await answer(folder, ['merge-base', '--end-of-options', ref, commit]);
      if (base === null) return null;
      const changed = await runGit(folder, ['diff', '--name-only', '--no-renames', '-z', base, commit, '--']);
      return changed.ok ? namesOf(changed.stdout) : null;
    },
    elsewhere,
  };
}

async function readCommitted(folder: string, commit: string, path: string): Promise<SourceFile> {
  const name = `${commit}:./${path}`;
  const listed = await runGit(folder, [
    'ls-tree',
    '-z',
    '--long',
    '--end-of-options',
    commit,
    '--',
    `./${path}`,
  ]);
  const [entry = ''] = listed.ok ? listed.stdout.split('\0') : [];
  const [, mode, size] = /^(\d+) blob [0-9a-f]+ +(\d+)\t/.exec(entry) ?? [];
  if (mode === undefined || mode === SYMBOLIC_LINK) return { kind: 'absent' };
  if (Number(size) > MAX_SOURCE_BYTES)
    return { kind: 'too-large', bytes: Number(size), limit: MAX_SOURCE_BYTES };
  const shown = await runGit(folder, ['cat-file', 'blob', name], 'latin1');
  return shown.ok ? decodeSource(Buffer.from(shown.stdout, 'latin1')) : { kind: 'absent' };
}

const SYMBOLIC_LINK = '120000';

async function listCommitted(folder: string, commit: string): Promise<readonly string[]> {
  const listed = await runGit(folder, ['ls-tree', '-r', '-z', '--name-only', '--end-of-options', commit]);
  return listed.ok ? namesOf(listed.stdout) : [];
}

function namesOf(text: string): readonly string[] {
  return text
    .split('\0')
    .filter((name) => name !== '')
    .sort();
}
