import { parseDuration } from '../../../base/duration.ts';
import type { MappingNode, Node } from '../../document/index.ts';
import { isNull } from './collections.ts';
import { complain, type Position } from './entry.ts';
import { textOf } from './scalars.ts';

/** Checks `integrity` and `cache` of an include: both are for `remote` alone. Answers whether they are right. */
export function remoteKeysAreRight(node: MappingNode, at: Position): boolean {
  const isRemote = node.entries.has('remote');
  const integrity = written(node, 'integrity');
  const cache = written(node, 'cache');
  const faults: readonly (readonly [Node, string | null])[] = [
    ...(integrity === null ? [] : [[integrity, integrityFault(integrity, isRemote)] as const]),
    ...(cache === null ? [] : [[cache, cacheFault(cache, isRemote)] as const]),
  ];
  for (const [{ span }, fault] of faults) if (fault !== null) complain(at, span, fault);
  return faults.every(([, fault]) => fault === null);
}

function written(node: MappingNode, key: string): Node | null {
  const value = node.entries.get(key)?.value;
  return value === undefined || isNull(value) ? null : value;
}

const DIGEST = /^sha256-(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function integrityFault(node: Node, isRemote: boolean): string | null {
  const digest = textOf(node);
  if (!isRemote) return 'integrity can only be specified for remote includes';
  if (digest?.startsWith('sha256-') !== true) return "integrity hash must start with 'sha256-'";
  return DIGEST.test(digest) ? null : 'integrity hash must be base64 encoded';
}

const SHORTEST_SECONDS = 60;

function cacheFault(node: Node, isRemote: boolean): string | null {
  if (node.kind === 'scalar' && node.value === false) return null;
  if (!isRemote) return 'cache can only be specified for remote includes';
  if (node.kind === 'scalar' && node.value === true) return null;
  const time = textOf(node);
  if (time === null) return 'cache must be a boolean or a duration string';
  const seconds = parseDuration(time);
  if (seconds === null) return 'cache contains an invalid duration';
  return seconds < SHORTEST_SECONDS ? 'cache duration must be at least 1 minute' : null;
}
