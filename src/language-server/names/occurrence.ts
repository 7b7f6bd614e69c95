import type { TextRange } from '../../config/index.ts';

/**
 * What a name can stand for. `key` is a keyword below a job or setting, as the later parts of `!reference` name it, with
 * the whole path as its name; `file` is an included file.
 */
export type NameKind = 'job' | 'stage' | 'variable' | 'input' | 'anchor' | 'key' | 'file';

/** A name where it stands in a file: where it is given its meaning, or where it is mentioned. */
export interface Occurrence extends TextRange {
  readonly kind: NameKind;
  readonly name: string;
  readonly role: 'definition' | 'reference';
  /** The key at the root that it stands below: mostly a job. */
  readonly owner: string;
  /**
   * Of a job: the name without what `parallel` adds to it (`test 1/3`, `test: [a]`), when it looks like one that has
   * it. Of an input in `include:inputs`: the file that declares it. Otherwise null.
   */
  readonly of: string | null;
}
