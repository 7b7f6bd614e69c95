import type { Json } from '../../../pipeline/index.ts';
import { toJson } from '../../document/index.ts';
import type { Entry } from './entry.ts';

/** Keywords that are checked and kept in the plan as they are. Nothing acts on them in a local run, but on `run`. */
export const CARRIED = [
  'dast_configuration',
  'id_tokens',
  'identity',
  'inputs',
  'pages',
  'publish',
  'release',
  'run',
  'secrets',
] as const;

/** Reads a keyword to check it, and keeps it as it is written. */
export function carried<T>(entry: Entry<T>): Entry<Json> {
  return {
    shape: entry.shape,
    read: (node, at) => (entry.read(node, at) === undefined ? undefined : toJson(node)),
  };
}
