import type { Image, PullPolicy, Service, Variable } from '../../../pipeline/index.ts';
import { type Node, scalarText } from '../../document/index.ts';
import {
  attribute,
  byKind,
  child,
  type Field,
  type Fields,
  into,
  listOf,
  mapOf,
  record,
} from './collections.ts';
import { attributeOf, complain, type Entry, locationOf, type Position, type Shape, say } from './entry.ts';
import { isBlank, text, textOf } from './scalars.ts';
import { matchesShape } from './schema-check.ts';
import { script } from './script.ts';

const HASH_OR_STRING = 'should be a hash or a string';

const strings = listOf(text({ message: 'should be an array of strings' }), {
  message: 'should be an array of strings',
});

const POLICIES: readonly PullPolicy[] = ['always', 'never', 'if-not-present'];

const POLICY_HINT = `Known are: ${POLICIES.join(', ')}.`;

const userName: Shape = { type: 'string', minLength: 1, maxLength: 255 };

interface ImageKeys {
  name: string;
  entrypoint: readonly string[];
  pull_policy: readonly PullPolicy[];
  docker: Node;
  kubernetes: Node;
}

const imageFields: { readonly [K in keyof ImageKeys]: Field<ImageKeys[K]> } = {
  name: attribute(text({ blank: false })),
  entrypoint: attribute(strings),
  pull_policy: child(pullPolicy()),
  docker: attribute(
    executorOptions({ platform: { type: 'string', minLength: 1, maxLength: 64 }, user: userName }),
  ),
  kubernetes: attribute(
    executorOptions({ user: { type: 'one-of', choices: [userName, { type: 'integer' }] } }),
  ),
};

/** Ports are for terminals in the browser, and no pipeline can have them. */
const KEY_RULES = { required: ['name'], disallowed: ['ports'] };

/** `image`: a name, or a name with how to start it. */
export const image: Entry<Image> = byKind(
  {
    scalar: into(text({ message: HASH_OR_STRING }), (name, at, node) =>
      isNamed(name, at, node) ? plainImage(name) : undefined,
    ),
    mapping: into(record<ImageKeys>(imageFields, KEY_RULES), imageOf),
  },
  HASH_OR_STRING,
);

interface ServiceKeys extends ImageKeys {
  alias: string;
  command: readonly string[];
  variables: ReadonlyMap<string, string>;
}

const service: Entry<Service> = byKind(
  {
    scalar: into(text({ message: HASH_OR_STRING }), (name, at, node) =>
      isNamed(name, at, node) ? { ...plainImage(name), ...NO_SERVICE_OPTIONS } : undefined,
    ),
    mapping: into(
      record<ServiceKeys>(
        {
          ...imageFields,
          alias: attribute(text()),
          command: child(script),
          variables: child(mapOf(serviceVariable())),
        },
        KEY_RULES,
      ),
      serviceOf,
    ),
  },
  HASH_OR_STRING,
);

/** `services`: containers beside the job's. Lists within the list are spread into it. */
export const services: Entry<readonly Service[]> = into(
  listOf(atService(service), { message: 'should be an array', nested: true, skipNull: true }),
  (list, at, node) => {
    const unnamed = new Set<string>();
    for (const { name, aliases } of list) {
      if (aliases.length > 0) continue;
      if (unnamed.has(name)) warnOfSameName(name, at, node);
      unnamed.add(name);
    }
    return list;
  },
);

function warnOfSameName(name: string, at: Position, node: Node): void {
  say(at, node.span, `${locationOf(at)} has ${name} twice, and both are reached by the same name`, {
    code: 'services-share-a-name',
    severity: 'warning',
    hint: 'Give each an `alias`.',
  });
}

const NO_SERVICE_OPTIONS = { aliases: [], command: null, variables: {} };

function plainImage(name: string): Image {
  return { name, entrypoint: null, pullPolicy: [], platform: null, user: null };
}

function imageOf({ values }: Fields<ImageKeys>): Image {
  return {
    name: values.name ?? '',
    entrypoint: values.entrypoint ?? null,
    pullPolicy: values.pull_policy ?? [],
    platform: textIn(values.docker, 'platform'),
    user: textIn(values.docker, 'user'),
  };
}

function textIn(node: Node | undefined, key: string): string | null {
  const value = node?.kind === 'mapping' ? node.entries.get(key)?.value : undefined;
  return value === undefined ? null : textOf(value);
}

function serviceOf({ values, spanOf }: Fields<ServiceKeys>): Service {
  const base = imageOf({ values, spanOf });
  const variables: Record<string, Variable> = {};
  for (const [name, value] of values.variables ?? []) variables[name] = { value, expand: true };
  return {
    ...base,
    aliases: (values.alias ?? '').split(/[\s,]+/).filter((alias) => alias !== ''),
    command: values.command ?? null,
    variables,
  };
}

function isNamed(name: string, at: Position, node: Node): boolean {
  if (isBlank(name)) complain(attributeOf(at, 'name'), node.span, "can't be blank");
  return !isBlank(name);
}

function pullPolicy(): Entry<readonly PullPolicy[]> {
  const message = 'should be an array of strings or a string';
  const one: Shape = { type: 'enum', values: POLICIES };
  return {
    shape: { type: 'one-of', choices: [one, { type: 'list', items: one, minItems: 1 }] },
    read(node, at) {
      const items = node.kind === 'sequence' ? node.items : [node];
      if (items.length === 0) return complain(at, node.span, "can't be blank");
      const found: PullPolicy[] = [];
      for (const item of items) {
        const written = textOf(item);
        const policy = POLICIES.find((known) => known === written);
        if (policy === undefined)
          return complain(at, item.span, fault(written, item === node), { hint: POLICY_HINT });
        found.push(policy);
      }
      return found;
    },
  };

  function fault(written: string | null, alone: boolean): string {
    if (written === null) return message;
    return alone ? 'is not included in the list' : `contains unknown values: ${written}`;
  }
}

/** `docker` and `kubernetes`: GitLab calls both together executor options. */
function executorOptions(fields: Readonly<Record<string, Shape>>): Entry<Node> {
  const shape: Shape = { type: 'record', fields };
  return {
    shape,
    read: (node, at) =>
      matchesShape(node, shape, attributeOf(at.parent ?? at, 'executor_opts'), `/${at.key}`)
        ? node
        : undefined,
  };
}

/** A variable of a service is a plain value, and there is always one. */
function serviceVariable(): Entry<string> {
  return {
    shape: { type: 'one-of', choices: [{ type: 'string' }, { type: 'number' }, { type: 'boolean' }] },
    read(node, at) {
      if (node.kind === 'scalar' && node.value !== null) return scalarText(node);
      if (node.kind !== 'sequence') return complain(at, node.span, 'must be a string');
      return say(at, node.span, 'variable definition must be either a string or a hash');
    },
  };
}

/** What is wrong with one service is reported at `services:service`. */
function atService<T>(entry: Entry<T>): Entry<T> {
  return {
    shape: entry.shape,
    read: (node, at) =>
      entry.read(node, { parent: at, key: 'service', kind: 'child', problems: at.problems }),
  };
}
