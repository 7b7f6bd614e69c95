/**
 * A YAML document as a tree in which every node knows where it was written. Merging (include, extends, default,
 * !reference) moves whole nodes, so a value keeps its place however it came to where it is.
 */
export type Node = ScalarNode | SequenceNode | MappingNode | ReferenceNode;

export interface ScalarNode {
  readonly kind: 'scalar';
  readonly value: Scalar;
  /** The text as written, without quotes; what YAML 1.1 made of it is `value`. */
  readonly source: string;
  /** Quoted or a block: always a string, whatever it looks like. */
  readonly quoted: boolean;
  readonly span: Span;
}

export type Scalar = string | number | boolean | null;

export interface SequenceNode {
  readonly kind: 'sequence';
  readonly items: readonly Node[];
  readonly span: Span;
}

export interface MappingNode {
  readonly kind: 'mapping';
  /** By the key's text; a duplicate key in the file: the last one wins. Insertion order is the order of the file. */
  readonly entries: ReadonlyMap<string, MappingEntry>;
  readonly span: Span;
}

export interface MappingEntry {
  readonly key: ScalarNode;
  readonly value: Node;
  /** How the entry came here when it was not written here; the nearest step first. Empty for what was written in place. */
  readonly via: readonly Via[];
}

/** `!reference [job, key, …]`, until it is resolved. */
export interface ReferenceNode {
  readonly kind: 'reference';
  readonly path: readonly string[];
  readonly span: Span;
}

/** A half-open range of UTF-16 offsets into a file's text. */
export interface Span {
  readonly file: SourceText;
  readonly start: number;
  readonly end: number;
}

/** A file's text under the name that people are shown. */
export interface SourceText {
  readonly name: string;
  readonly text: string;
}

/** One step on the way of a value from where it was written to where it ended. */
export interface Via {
  readonly kind: 'include' | 'extends' | 'default' | 'reference' | 'anchor';
  /** The name that was followed: a file, a job, `default`, `.setup.script`. */
  readonly name: string;
  /** Where it was asked for. */
  readonly span: Span | null;
}
