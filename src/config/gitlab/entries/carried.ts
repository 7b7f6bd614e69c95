import type { Json } from '../../../pipeline/index.ts';
import { type Node, toJson } from '../../document/index.ts';
import { complain, type Entry, locationOf, type Position, say } from './entry.ts';

/** Keywords that are known, kept in the plan as they are, and that nothing acts on in a local run. */
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

/** Checks no more than the kind of value, and warns: what is carried but not done must be said. */
export function carried(name: (typeof CARRIED)[number]): Entry<Json> {
  const [kinds, message] = KINDS[name];
  return {
    shape: { type: 'any' },
    read(node, at) {
      if (!kinds.includes(node.kind)) return complain(at, node.span, message);
      warn(node, at, name);
      return toJson(node);
    },
  };
}

function warn(node: Node, at: Position, name: string): void {
  say(at, node.span, `${locationOf(at)} is kept but has no effect in a local run`, {
    code: 'keyword-not-acted-on',
    severity: 'warning',
    hint: name === 'run' ? 'The steps of `run` are not executed; use `script` to run something here.' : null,
  });
}
