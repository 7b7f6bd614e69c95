import type { Artifacts, Cache, Image, Json, Retry, Service } from '../../../pipeline/index.ts';
import type { MappingEntry, MappingNode } from '../../document/index.ts';
import type { UnactedKeywords } from '../keywords/not-acted-on.ts';
import { artifacts } from './artifacts.ts';
import { caches } from './cache.ts';
import { carried } from './carried.ts';
import { child, type Field, into, isNull, listOf, record } from './collections.ts';
import { childOf, complain, type Position, say } from './entry.ts';
import { idTokens } from './id-tokens.ts';
import { image, services } from './image.ts';
import { type Inherited, inherits } from './inherit.ts';
import { retry } from './retry.ts';
import { boolean, duration, text, word } from './scalars.ts';
import { hooks, script } from './script.ts';

/** Keywords that `default` may set for all jobs; a job's own replaces the whole value, nothing is merged. */
export interface DefaultKeys {
  before_script: readonly string[];
  after_script: readonly string[];
  hooks: readonly string[] | null;
  cache: readonly Cache[];
  image: Image;
  services: readonly Service[];
  interruptible: boolean;
  timeout: number;
  retry: Retry;
  tags: readonly string[];
  artifacts: Artifacts;
  id_tokens: Json;
  identity: Json;
}

/** GitLab's bound on a job's timeout: one month of 30.436875 days. */
const MAX_TIMEOUT = 2_629_746;
const MAX_TAGS = 50;

export const defaultFields: { readonly [K in keyof DefaultKeys]: Field<DefaultKeys[K]> } = {
  before_script: child(script),
  after_script: child(script),
  hooks: child(hooks),
  cache: child(caches),
  image: child(image),
  services: child(services),
  interruptible: child(boolean),
  timeout: child(duration(MAX_TIMEOUT)),
  retry: child(retry),
  tags: child(
    into(
      listOf(text({ message: 'should be an array of strings' }), {
        message: 'should be an array of strings',
      }),
      (tags, at, node) =>
        countTags(tags) < MAX_TAGS
          ? tags
          : complain(at, node.span, `must be less than the limit of ${MAX_TAGS} tags`),
    ),
  ),
  artifacts: child(artifacts),
  id_tokens: child(carried(idTokens)),
  identity: child(carried(word(['google_cloud']))),
};

/** Each counts once; a comma within one parts it in two. */
function countTags(tags: readonly string[]): number {
  const names = tags.flatMap((tag) => tag.split(',')).map((tag) => tag.trim());
  return new Set(names.filter((name) => name !== '')).size;
}

export const defaultRecord = record<DefaultKeys>(defaultFields);

export interface Defaults {
  readonly values: Readonly<Partial<DefaultKeys>>;
  /** The keys that are set, as they will stand in the jobs that take them: with the step `default` in their origin. */
  readonly entries: ReadonlyMap<string, MappingEntry>;
}

/** The deprecated way to say `default`: the keyword alone at the root. */
export const rootDefaultRecord = record<
  Pick<DefaultKeys, 'image' | 'services' | 'cache' | 'before_script' | 'after_script'>
>({
  image: defaultFields.image,
  services: defaultFields.services,
  cache: defaultFields.cache,
  before_script: defaultFields.before_script,
  after_script: defaultFields.after_script,
});

const AT_ROOT: ReadonlySet<string> = new Set(['image', 'services', 'cache', 'before_script', 'after_script']);

/** Keys of the root that are no jobs. */
export const ROOT_SETTINGS: readonly string[] = [
  'default',
  'include',
  'stages',
  'variables',
  'workflow',
  ...AT_ROOT,
];

export function isRootDefault(name: string): boolean {
  return AT_ROOT.has(name);
}

/** Reads `default` and its deprecated forms at the root. `entry` is null when `default` is absent, or is a job. */
export function readDefaults(
  root: MappingNode,
  entry: MappingEntry | null,
  at: Position,
  unacted: UnactedKeywords,
): Defaults {
  const block = entry === null || isNull(entry.value) ? null : entry.value;
  const fields = block === null ? undefined : defaultRecord.read(block, childOf(at, 'default'));
  if (block !== null && fields !== undefined) {
    unacted.check('default', block, 'default');
    unacted.check('job', block, 'default');
  }
  const entries = new Map<string, MappingEntry>();
  if (block?.kind === 'mapping') {
    for (const [key, value] of block.entries) {
      if (isDefaultKey(key)) entries.set(key, throughDefault(value, 'default'));
    }
  }
  const rootEntries = new Map<string, MappingEntry>();
  for (const [key, found] of root.entries) {
    if (!isRootDefault(key) || isNull(found.value)) continue;
    if (entries.has(key)) reportTwice(key, found, at);
    rootEntries.set(key, found);
    entries.set(key, throughDefault(found, key));
    unacted.check(`job:${key}`, found.value, key);
  }
  const rootFields = rootDefaultRecord.read({ kind: 'mapping', entries: rootEntries, span: root.span }, at);
  return { values: { ...fields?.values, ...rootFields?.values }, entries };
}

/** The defaults that a job with this `inherit:default` takes. */
export function takenDefaults(defaults: Defaults, inherited: Inherited): Readonly<Partial<DefaultKeys>> {
  const taken: Partial<DefaultKeys> = { ...defaults.values };
  for (const key in defaultFields) {
    if (isDefaultKey(key) && !takesDefault(inherited, key)) delete taken[key];
  }
  return taken;
}

/** Whether a job that has not written `name` itself takes the default. */
export function takesDefault(inherited: Inherited, name: string): boolean {
  return name !== 'timeout' && inherits(inherited, name);
}

function isDefaultKey(key: string): key is keyof DefaultKeys {
  return Object.hasOwn(defaultFields, key);
}

function reportTwice(key: string, found: MappingEntry, at: Position): void {
  say(at, found.key.span, `${key} is defined in top-level and \`default:\` entry`, {
    code: 'keywords-conflict',
    hint: 'Keep the one in `default`.',
  });
}

function throughDefault(entry: MappingEntry, name: string): MappingEntry {
  const step = { kind: 'default', name, span: entry.key.span } as const;
  return { ...entry, via: [step, ...entry.via] };
}
