import type { Sources } from '../../config/index.ts';

/** As for files on disk: larger than any file that a person wrote. */
const MAX_LENGTH = 5_000_000;

/**
 * The files of a project with the open buffers over them: what a person sees is what is judged. Asking fails once
 * `signal` is aborted, which ends a reading that is out of date at its next file. `asked` takes up every path that was
 * asked for, also of files that are not there.
 */
export function overlaySources(
  below: Sources,
  buffers: ReadonlyMap<string, string>,
  signal: AbortSignal,
  asked: Set<string>,
): Sources {
  return {
    ...below,
    async readFile(path) {
      signal.throwIfAborted();
      asked.add(path);
      const text = buffers.get(path);
      if (text === undefined) return below.readFile(path);
      if (text.length <= MAX_LENGTH) return { kind: 'text', text };
      return { kind: 'too-large', bytes: Buffer.byteLength(text), limit: MAX_LENGTH };
    },
    async listFiles() {
      signal.throwIfAborted();
      const files = await below.listFiles();
      const added = [...buffers.keys()].filter((path) => !files.includes(path));
      return added.length === 0 ? files : [...files, ...added].sort();
    },
  };
}
