import type { Image, PullPolicy, Service, Variable } from '../../../pipeline/index.ts';
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
import { attributeOf, complain, type Entry, type Position } from './entry.ts';
import { scalarAsText, text, word } from './scalars.ts';

const strings = listOf(text({ message: 'should be an array of strings' }), {
  message: 'should be an array of strings',
});

const policy = word<PullPolicy>(['always', 'never', 'if-not-present'], 'unknown value:');
const pullPolicy: Entry<readonly PullPolicy[]> = listOf(policy, { single: true, blank: false });

interface DockerOptions {
  platform: string;
  user: string;
}

interface KubernetesOptions {
  user: string;
}

interface ImageKeys {
  name: string;
  entrypoint: readonly string[];
  pull_policy: readonly PullPolicy[];
  docker: Fields<DockerOptions>;
  kubernetes: Fields<KubernetesOptions>;
}

const imageFields: { readonly [K in keyof ImageKeys]: Field<ImageKeys[K]> } = {
  name: attribute(text({ blank: false })),
  entrypoint: attribute(strings),
  pull_policy: child(pullPolicy),
  docker: child(
    record<DockerOptions>({ platform: attribute(text()), user: attribute(text({ maxLength: 255 })) }),
  ),
  kubernetes: child(record<KubernetesOptions>({ user: attribute(scalarAsText('should be a string')) })),
};

/** `image`: a name, or a name with how to start it. */
export const image: Entry<Image> = byKind(
  {
    scalar: into(text({ message: 'should be a hash or a string', blank: false }), plainImage),
    mapping: into(record<ImageKeys>(imageFields), imageOf),
  },
  'should be a hash or a string',
);

interface ServiceKeys extends ImageKeys {
  alias: string;
  command: readonly string[];
  variables: ReadonlyMap<string, string>;
  ports: readonly number[];
}

const service: Entry<Service> = byKind(
  {
    scalar: into(text({ message: 'should be a hash or a string', blank: false }), (name) => ({
      ...plainImage(name),
      ...NO_SERVICE_OPTIONS,
    })),
    mapping: into(
      record<ServiceKeys>({
        ...imageFields,
        alias: attribute(text()),
        command: attribute(strings),
        variables: child(mapOf(scalarAsText('should be a string'))),
        ports: child(listOf(portNumber())),
      }),
      serviceOf,
    ),
  },
  'should be a hash or a string',
);

/** `services`: containers beside the job's. Two of the same image must be told apart by aliases. */
export const services: Entry<readonly Service[]> = into(
  listOf(atService(service), { message: 'should be an array' }),
  (list, at, node) => {
    const unnamed = new Set<string>();
    for (const { name, aliases } of list) {
      if (aliases.length > 0) continue;
      if (unnamed.has(name)) return complain(at, node.span, `has ${name} twice; give each an alias`);
      unnamed.add(name);
    }
    return list;
  },
);

const NO_SERVICE_OPTIONS = { aliases: [], command: null, variables: {} };

function plainImage(name: string): Image {
  return { name, entrypoint: null, pullPolicy: [], platform: null, user: null };
}

function imageOf({ values, spanOf }: Fields<ImageKeys>, at: Position): Image | undefined {
  if (values.name === undefined) return complain(attributeOf(at, 'name'), spanOf('name'), "can't be blank");
  return {
    name: values.name,
    entrypoint: values.entrypoint ?? null,
    pullPolicy: values.pull_policy ?? [],
    platform: values.docker?.values.platform ?? null,
    user: values.docker?.values.user ?? null,
  };
}

function serviceOf({ values, spanOf }: Fields<ServiceKeys>, at: Position): Service | undefined {
  const base = imageOf({ values, spanOf }, at);
  if (base === undefined) return undefined;
  const variables: Record<string, Variable> = {};
  for (const [name, value] of values.variables ?? []) variables[name] = { value, expand: true };
  return {
    ...base,
    aliases: (values.alias ?? '').split(/[\s,]+/).filter((alias) => alias !== ''),
    command: values.command ?? null,
    variables,
  };
}

function portNumber(): Entry<number> {
  return {
    shape: { type: 'integer', minimum: 1, maximum: 65535 },
    read: (node, at) =>
      node.kind === 'scalar' && typeof node.value === 'number'
        ? node.value
        : complain(at, node.span, 'should be a port number'),
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
