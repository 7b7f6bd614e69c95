import type { Json } from '../../../pipeline/index.ts';
import { type Node, toJson } from '../../document/index.ts';
import { complain, type Entry, locationOf, type Position, say } from './entry.ts';

/** Keywords that are known and kept in the plan as they are. Nothing acts on them in a local run, but on `run`. */
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

type Kind = Node['kind'];

const KINDS: Readonly<Record<(typeof CARRIED)[number], readonly [kinds: readonly Kind[], message: string]>> =
  {
    dast_configuration: [['mapping'], 'should be a hash'],
    id_tokens: [['mapping'], 'should be a hash'],
    identity: [['scalar'], 'should be a string'],
    inputs: [['mapping'], 'should be a hash'],
    pages: [['mapping', 'scalar'], 'should be a hash or a boolean value'],
    publish: [['scalar'], 'should be a string'],
    release: [['mapping'], 'should be a hash'],
    run: [['sequence'], 'should be an array'],
    secrets: [['mapping'], 'should be a hash'],
  };

/** Checks no more than the kind of value. That nothing is done with it is said as for every keyword. */
export function carried(name: (typeof CARRIED)[number]): Entry<Json> {
  const [kinds, message] = KINDS[name];
  return {
    shape: { type: 'any' },
    read(node, at) {
      if (!kinds.includes(node.kind)) return complain(at, node.span, message);
      const value = toJson(node);
      if (name === 'run' && !hasOnlyScripts(value)) {
        warn(
          node,
          at,
          `${locationOf(at)} has steps that a local run cannot carry out: the job will fail there`,
        );
      }
      return value;
    },
  };
}

/** Steps that are a script are carried out; others are refused when the job runs. */
function hasOnlyScripts(steps: Json): boolean {
  if (!Array.isArray(steps)) return false;
  return steps.every(
    (step: Json) =>
      typeof step === 'object' &&
      step !== null &&
      Object.keys(step).every((key) => key === 'name' || key === 'script'),
  );
}

function warn(node: Node, at: Position, message: string): void {
  say(at, node.span, message, { code: 'keyword-not-acted-on', severity: 'warning' });
}
