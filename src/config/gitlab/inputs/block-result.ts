import type { Node } from '../../document/index.ts';

/** What a part of a block came to. */
export type BlockResult =
  | { readonly ok: true; readonly value: Node }
  | { readonly ok: false; readonly message: string };

export function failed(message: string): BlockResult {
  return { ok: false, message };
}
