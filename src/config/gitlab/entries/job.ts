import { closestTo } from '../../../base/closest.ts';
import type { MappingEntry, MappingNode, ScalarNode, Span } from '../../document/index.ts';
import type { ParsedBuild, ParsedJob } from '../parsed.ts';
import { type Fields, isNull } from './collections.ts';
import { type Defaults, ROOT_SETTINGS, takenDefaults, takesDefault } from './defaults.ts';
import { attributeOf, childOf, complain, locationOf, type Position, say } from './entry.ts';
import type { Inherited } from './inherit.ts';
import { goesWithRules, isConsistent, secondsOf } from './job-consistency.ts';
import { type BuildKeys, bridgeRecord, buildRecord, carriedValues, type SharedKeys } from './job-keys.ts';
import { haveConflict } from './record-keys.ts';

const MAX_NAME = 255;

/** Reads one visible job, completed by the defaults it takes. Undefined when something is wrong with it. */
export function readJob(
  name: string,
  entry: MappingEntry,
  defaults: Defaults,
  jobsAt: Position,
): ParsedJob | undefined {
  const { key, value: node } = entry;
  const at = childOf(jobsAt, name);
  if (typeof key.value !== 'string') {
    return say(at, key.span, `${locationOf(at)} name should be a symbol`, {
      hint: `Put the name in quotes: "${key.source}".`,
    });
  }
  if (name === '') return complain(attributeOf(at, 'name'), key.span, "can't be blank");
  if (name.length > MAX_NAME) return complain(attributeOf(at, 'name'), key.span, nameTooLong());
  if (node.kind !== 'mapping' || !isJob(node)) {
    return doesNothing(name, key, node.kind === 'mapping' ? node : null, at);
  }
  const conflicts = [
    haveConflict(node, ['script', 'trigger'], at),
    haveConflict(node, ['run', 'trigger'], at),
  ];
  if (conflicts.includes(true)) return undefined;
  return node.entries.has('script') || node.entries.has('run')
    ? readBuild(name, entry, node, defaults, at)
    : readBridge(name, entry, node, defaults, at);
}

/** One of them makes a mapping a job, whatever its value is. `needs` is for jobs that mirror another pipeline. */
export function isJob(node: MappingNode): boolean {
  return MAKE_A_JOB.some((keyword) => node.entries.has(keyword));
}

const RUNS = ['script', 'run', 'trigger'] as const;

export const MAKE_A_JOB = [...RUNS, 'needs'] as const;

function readBuild(
  name: string,
  entry: MappingEntry,
  node: MappingNode,
  defaults: Defaults,
  at: Position,
): ParsedJob | undefined {
  const fields = buildRecord.read(node, at);
  if (fields === undefined || !isConsistent(name, node, fields, at)) return undefined;
  const { values } = fields;
  const taken = values.inherit?.default ?? true;
  const all = { ...takenDefaults(defaults, taken), ...values };
  const source = lazily(() => completed(node, entry, defaults, taken));
  return {
    ...sharedParts(name, entry, fields),
    get source() {
      return source();
    },
    kind: 'build',
    startInSeconds: values.when === 'delayed' ? secondsOf(values.start_in) : null,
    manualConfirmation: values.manual_confirmation ?? null,
    interruptible: all.interruptible ?? null,
    dependencies: values.dependencies ?? null,
    dependenciesSpan: values.dependencies === undefined ? null : fields.spanOf('dependencies'),
    build: buildParts(all),
    trigger: null,
  };
}

function readBridge(
  name: string,
  entry: MappingEntry,
  node: MappingNode,
  defaults: Defaults,
  at: Position,
): ParsedJob | undefined {
  const fields = bridgeRecord.read(node, at);
  if (fields === undefined || !goesWithRules(fields, ['only', 'except'], at)) return undefined;
  const { values } = fields;
  const mirrors = values.needs?.some((need) => need.kind === 'pipeline' && need.job === null);
  if (values.trigger === undefined && mirrors !== true) {
    return complain(at, entry.key.span, 'should contain either a trigger or a needs:pipeline');
  }
  const taken = values.inherit?.default ?? true;
  const all = { ...takenDefaults(defaults, taken), ...values };
  const source = lazily(() => completed(node, entry, NO_DEFAULTS, taken));
  return {
    ...sharedParts(name, entry, fields),
    get source() {
      return source();
    },
    kind: 'bridge',
    startInSeconds: null,
    manualConfirmation: null,
    interruptible: all.interruptible ?? null,
    dependencies: null,
    dependenciesSpan: null,
    build: null,
    trigger: values.trigger ?? null,
  };
}

const NO_DEFAULTS: Defaults = { values: {}, entries: new Map() };

function sharedParts(name: string, entry: MappingEntry, fields: Fields<SharedKeys>) {
  const { values, spanOf } = fields;
  return {
    name,
    nameSpan: entry.key.span,
    stage: values.stage ?? 'test',
    stageSpan: values.stage === undefined ? null : spanOf('stage'),
    when: values.when ?? null,
    allowFailure: values.allow_failure?.allowed ?? null,
    allowFailureExitCodes: values.allow_failure?.exitCodes ?? [],
    rules: values.rules ?? null,
    only: values.only ?? null,
    except: values.except ?? null,
    needs: values.needs ?? null,
    needsSpan: values.needs === undefined ? null : spanOf('needs'),
    variables: values.variables ?? new Map(),
    inheritVariables: values.inherit?.variables ?? true,
    parallel: values.parallel ?? null,
    resourceGroup: values.resource_group ?? null,
    environment: values.environment ?? null,
    environmentSpan: values.environment === undefined ? null : spanOf('environment'),
  };
}

function buildParts(values: Readonly<Partial<BuildKeys>>): ParsedBuild {
  return {
    script: values.script ?? [],
    beforeScript: values.before_script ?? null,
    afterScript: values.after_script ?? null,
    preGetSourcesScript: values.hooks ?? null,
    tags: values.tags ?? [],
    image: values.image ?? null,
    services: values.services ?? [],
    caches: values.cache ?? [],
    artifacts: values.artifacts ?? null,
    retry: values.retry ?? null,
    timeoutSeconds: values.timeout ?? null,
    coverage: values.coverage ?? null,
    carried: carriedValues(values),
  };
}

function doesNothing(name: string, key: ScalarNode, node: MappingNode | null, at: Position): undefined {
  const message = `jobs ${name} config should implement the script:, run:, or trigger: keyword`;
  const misspelt = node === null ? null : misspeltKey(node);
  if (misspelt !== null) {
    const hint = `Did you mean \`${misspelt.meant}\` instead of \`${misspelt.written}\`?`;
    return say(at, misspelt.span, message, { hint });
  }
  const setting = closestTo(name, ROOT_SETTINGS);
  const hint =
    setting === null
      ? 'A key at the root is a job; begin its name with a dot when it is only a template.'
      : `A key at the root is a job. Did you mean \`${setting}\` instead of \`${name}\`?`;
  return say(at, key.span, message, { hint });
}

interface Misspelt {
  readonly written: string;
  readonly meant: string;
  readonly span: Span;
}

/** An unknown key that is nearly one of those that make a job. */
function misspeltKey(node: MappingNode): Misspelt | null {
  for (const [written, { key }] of node.entries) {
    if (KNOWN_KEYS.has(written)) continue;
    const meant = closestTo(written, RUNS);
    if (meant !== null) return { written, meant, span: key.span };
  }
  return null;
}

const KNOWN_KEYS: ReadonlySet<string> = new Set(
  [buildRecord.shape, bridgeRecord.shape].flatMap((shape) =>
    shape.type === 'record' ? Object.keys(shape.fields) : [],
  ),
);

function has(node: MappingNode, key: string): boolean {
  const entry = node.entries.get(key);
  return entry !== undefined && !isNull(entry.value);
}

/**
 * The job's mapping with the defaults it takes, and with the way the job itself came here (an include) in front of
 * the way of each key: what `explain` shows.
 */
function completed(
  node: MappingNode,
  { via }: MappingEntry,
  defaults: Defaults,
  taken: Inherited,
): MappingNode {
  if (via.length === 0 && defaults.entries.size === 0) return node;
  const entries = new Map<string, MappingEntry>();
  for (const [key, entry] of node.entries) {
    entries.set(key, via.length === 0 ? entry : { ...entry, via: [...entry.via, ...via] });
  }
  for (const [key, entry] of defaults.entries) {
    if (!has(node, key) && takesDefault(taken, key)) entries.set(key, entry);
  }
  return { kind: 'mapping', entries, span: node.span };
}

/** Most jobs are never explained. */
function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function nameTooLong(): string {
  return `is too long (maximum is ${MAX_NAME} characters)`;
}
