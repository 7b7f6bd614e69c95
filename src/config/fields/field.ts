import type { Treatment } from '../gitlab/keywords/keyword.ts';

/** One field of a file of CodeBuild or Cloud Build: what people are told about it, what it may hold, and what is done with it. */
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

/** By name. Those of Cloud Build are in camel case; its files may also write them in snake case. */
export type Fields = Readonly<Record<string, Field>>;

/** What a value may look like. A null is as good as not written. */
export type Shape =
  | { readonly type: 'text' }
  | { readonly type: 'boolean' }
  /** A number, or a text that holds one. */
  | { readonly type: 'integer' }
  /** As protocol buffers have it: seconds with an `s` behind, `600s`, `3.5s`. */
  | { readonly type: 'duration' }
  /** `also`: the pattern of other texts that it may be. */
  | { readonly type: 'word'; readonly words: readonly string[]; readonly also?: string }
  | { readonly type: 'list'; readonly items: Shape }
  | { readonly type: 'record'; readonly fields: Fields }
  /** Values by names that a person chooses; texts where `items` is not given. */
  | { readonly type: 'map'; readonly items?: Shape }
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

/** Records by names that a person chooses. */
export function named(fields: Fields): Shape {
  return { type: 'map', items: record(fields) };
}
