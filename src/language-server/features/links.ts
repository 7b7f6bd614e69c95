import type { TextRange } from '../../config/index.ts';
import { namesIn } from '../names/find-names.ts';
import type { FileIndex } from '../syntax/file-index.ts';

export interface FileLink {
  readonly range: TextRange;
  /** From the project's root. */
  readonly path: string;
}

/** The files that a file includes, where their paths stand. A path with a wildcard names no single file. */
export function fileLinks(file: FileIndex): readonly FileLink[] {
  return [...namesIn([file], 'file')]
    .filter(({ occurrence }) => !occurrence.name.includes('*'))
    .map(({ range, occurrence }) => ({ range, path: occurrence.name }));
}
