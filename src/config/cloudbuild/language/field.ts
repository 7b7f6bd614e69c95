import type { Treatment } from '../../gitlab/keywords/keyword.ts';

/** One field of a build file: what people are told about it, what it may hold, and what is done with it. */
export interface Field {
  /** One or two sentences, with fields between backticks. */
  readonly text: string;
  readonly shape: Shape;
  readonly required?: boolean;
  /** Whether `$NAME` in it is replaced. */
  readonly substituted?: boolean;
  /** Not given: as the field it stands in, and honoured at the top. */
  readonly treatment?: Treatment;
}

/** By name in camel case; files may also write them in snake case. */
export type Fields = Readonly<Record<string, Field>>;

/** What a value may look like, as the JSON form of protocol buffers has it. A null is as good as not written. */
export type Shape =
  | { readonly type: 'text' }
  | { readonly type: 'boolean' }
  /** A number, or a text that holds one. */
  | { readonly type: 'integer' }
  /** Seconds with an `s` behind: `600s`, `3.5s`. */
  | { readonly type: 'duration' }
  | { readonly type: 'word'; readonly words: readonly string[] }
  | { readonly type: 'list'; readonly items: Shape }
  | { readonly type: 'record'; readonly fields: Fields }
  /** Texts by names that a person chooses. */
  | { readonly type: 'map' }
  /** Set by the service itself; nothing is checked in it. */
  | { readonly type: 'any' };

export const TEXT: Shape = { type: 'text' };
export const TEXTS: Shape = { type: 'list', items: TEXT };
export const BOOLEAN: Shape = { type: 'boolean' };
export const INTEGER: Shape = { type: 'integer' };
export const DURATION: Shape = { type: 'duration' };
export const MAP: Shape = { type: 'map' };
export const ANY: Shape = { type: 'any' };

export function word(...words: readonly string[]): Shape {
  return { type: 'word', words };
}

export function record(fields: Fields): Shape {
  return { type: 'record', fields };
}

export function listOf(items: Shape): Shape {
  return { type: 'list', items };
}
