import type { Sources } from '../../sources.ts';

/** A project's files as an object: path to text. `diffs` answers `changes:compare_to`, by ref. */
export function memorySources(
  files: Readonly<Record<string, string>>,
  diffs: Readonly<Record<string, readonly string[]>> = {},
): Sources {
  return {
    readFile: async (path) => {
      const text = Object.hasOwn(files, path) ? files[path] : undefined;
      return text === undefined ? { kind: 'absent' } : { kind: 'text', text };
    },
    listFiles: async () => Object.keys(files).sort(),
    changedSince: async (ref) => (Object.hasOwn(diffs, ref) ? (diffs[ref] ?? null) : null),
  };
}
