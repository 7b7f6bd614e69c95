import { AppError } from '../../base/app-error.ts';
import { runGit } from '../../base/git.ts';
import { PUSHED_REFS, type RefUpdate } from './ref-update.ts';

/** The branches, tags and notes of a repository with their hashes (a tag's own, where it is annotated). */
export async function readRefTips(folder: string): Promise<ReadonlyMap<string, string>> {
  const format = '--format=%(objectname) %(refname)';
  const listed = await runGit(folder, ['for-each-ref', format, '--', ...PUSHED_REFS]);
  if (!listed.ok)
    throw new AppError('git-failed', `The refs of ${folder} cannot be listed: ${listed.stderr}`);
  const lines = listed.stdout.split('\n').filter((line) => line !== '');
  return new Map(lines.map((line) => [line.slice(line.indexOf(' ') + 1), line.slice(0, line.indexOf(' '))]));
}

/**
 * The updates that lead from the recorded refs to those that are there, sorted by name: what was pushed while nobody
 * could record it. Nothing when both are the same, however often it is asked; pure.
 */
export function updatesBetween(
  known: ReadonlyMap<string, string>,
  tips: ReadonlyMap<string, string>,
): readonly RefUpdate[] {
  const names = [...new Set([...known.keys(), ...tips.keys()])].sort();
  return names.flatMap((ref) => {
    const [before, after] = [known.get(ref) ?? null, tips.get(ref) ?? null];
    return before === after ? [] : [{ ref, before, after }];
  });
}
