import type { AutoCancel, Variable } from '../../../pipeline/index.ts';
import type { Node } from '../../document/index.ts';
import type { ParsedNeed, ParsedRule } from '../parsed.ts';
import { attribute, byKind, child, type Field, type Fields, into, listOf, record } from './collections.ts';
import { attributeOf, childOf, complain, complainOf, type Entry, type Position } from './entry.ts';
import { needs } from './needs.ts';
import { exitCodes } from './retry.ts';
import { boolean, duration, expression, text, textOf, word } from './scalars.ts';
import { ruleVariables } from './variables.ts';

export const WEEK = 7 * 24 * 60 * 60;
const MAX_PATTERNS = 50;

/** Unlike scripts and rules, these lists hold no lists: a `!reference` can only stand for the whole of one. */
const patterns = listOf(text({ message: 'should be an array of strings' }), {
  message: 'should be an array of strings',
  maxItems: MAX_PATTERNS,
  tooMany: `has too many entries (maximum ${MAX_PATTERNS})`,
});

interface ChangesKeys {
  paths: readonly string[];
  compare_to: string;
}

type Changes = NonNullable<ParsedRule['changes']>;

export const changes: Entry<Changes> = byKind(
  {
    sequence: into(patterns, (paths) => ({ paths, compareTo: null })),
    mapping: into(
      record<ChangesKeys>(
        { paths: attribute(patterns), compare_to: attribute(text()) },
        { requiredKeys: ['paths'] },
      ),
      ({ values }) => ({ paths: values.paths ?? [], compareTo: values.compare_to ?? null }),
    ),
  },
  'should be an array or a hash',
  complainOf,
);

interface ExistsKeys {
  paths: readonly string[];
  project: string;
  ref: string;
}

type Exists = NonNullable<ParsedRule['exists']>;

/** One path may stand for a list of one. */
const exists: Entry<Exists> = byKind(
  {
    scalar: {
      shape: { type: 'string' },
      read(node, at) {
        const path = textOf(node);
        if (path === null) return complainOf(at, node.span, 'should be a string, an array or a hash');
        return { paths: [path], project: null, ref: null };
      },
    },
    sequence: into(patterns, (paths) => ({ paths, project: null, ref: null })),
    mapping: into(
      record<ExistsKeys>(
        { paths: attribute(patterns), project: attribute(text()), ref: attribute(text()) },
        { requiredKeys: ['paths'] },
      ),
      ({ values, spanOf }, at) => {
        const { paths = [], project = null, ref = null } = values;
        if (ref !== null && project === null)
          return complain(at, spanOf('ref'), 'missing required keys: project');
        return { paths, project, ref };
      },
    ),
  },
  'should be a string, an array or a hash',
  complainOf,
);

export interface AllowFailure {
  readonly allowed: boolean;
  readonly exitCodes: readonly number[];
}

/** `allow_failure`: yes, no, or for these exit codes. */
export const allowFailure: Entry<AllowFailure> = byKind(
  {
    scalar: {
      shape: { type: 'boolean' },
      read: (node, at) =>
        node.kind === 'scalar' && typeof node.value === 'boolean'
          ? { allowed: node.value, exitCodes: [] }
          : complain(at, node.span, 'should be a hash or a boolean value'),
    },
    mapping: into(
      record<{ exit_codes: readonly number[] }>({ exit_codes: attribute(exitCodes) }),
      ({ values }) => ({ allowed: false, exitCodes: values.exit_codes ?? [] }),
    ),
  },
  'should be a hash or a boolean value',
);

interface AutoCancelKeys {
  on_new_commit: AutoCancel['onNewCommit'];
  on_job_failure: AutoCancel['onJobFailure'];
}

/** `auto_cancel` of the workflow or of one of its rules: what is written, the rest is for the reader's side. */
export const autoCancel: Entry<Partial<AutoCancel>> = into(
  record<AutoCancelKeys>({
    on_new_commit: attribute(
      word(['conservative', 'interruptible', 'none'], 'must be one of: conservative, interruptible, none'),
    ),
    on_job_failure: attribute(word(['none', 'all'], 'must be one of: none, all')),
  }),
  ({ values }) => ({
    ...(values.on_new_commit === undefined ? {} : { onNewCommit: values.on_new_commit }),
    ...(values.on_job_failure === undefined ? {} : { onJobFailure: values.on_job_failure }),
  }),
);

type RuleWhen = NonNullable<ParsedRule['when']>;

interface RuleKeys {
  if: string;
  changes: Changes;
  exists: Exists;
  when: RuleWhen;
  start_in: number;
  allow_failure: boolean;
  variables: ReadonlyMap<string, Variable>;
  needs: readonly ParsedNeed[];
  interruptible: boolean;
  auto_cancel: Partial<AutoCancel>;
}

type RuleFields = { readonly [K in keyof RuleKeys]: Field<RuleKeys[K]> };

const all: RuleFields = {
  if: attribute(expression),
  changes: child(changes),
  exists: child(exists),
  when: attribute(
    word(['on_success', 'on_failure', 'always', 'never', 'manual', 'delayed'], 'unknown value:'),
  ),
  start_in: attribute(duration(WEEK, { numbers: true })),
  allow_failure: attribute(boolean),
  variables: child(ruleVariables),
  needs: child(needs),
  interruptible: attribute(boolean),
  auto_cancel: child(autoCancel),
};

const { auto_cancel: _workflowOnly, ...jobFields } = all;
const { if: ifField, changes: changesField, exists: existsField, variables, auto_cancel } = all;
const alwaysOrNever = attribute(word<RuleWhen>(['always', 'never'], 'unknown value:'));

/** `rules` of a job: the first that matches decides. */
export const jobRules = rules(record<Partial<RuleKeys>>(jobFields), ruleOf);

/** `workflow:rules`: whether there is a pipeline at all. */
export const workflowRules = rules(
  record<Partial<RuleKeys>>({
    if: ifField,
    changes: changesField,
    exists: existsField,
    when: alwaysOrNever,
    variables,
    auto_cancel,
  }),
  ruleOf,
);

/** `include:rules`: whether a file is included. */
export const includeRules = rules(
  record<Partial<RuleKeys>>({ if: ifField, changes: changesField, exists: existsField, when: alwaysOrNever }),
  ruleOf,
);

type ReadRule = Fields<Partial<RuleKeys>>;

function rules(
  rule: Entry<ReadRule>,
  make: (fields: ReadRule, at: Position, node: Node) => ParsedRule | undefined,
): Entry<readonly ParsedRule[]> {
  const one = into(rule, make);
  return listOf(
    { shape: one.shape, read: (node, at) => one.read(node, childOf(at, 'rule')) },
    { blank: false, nested: true },
  );
}

function ruleOf({ values, spanOf }: ReadRule, at: Position, node: Node): ParsedRule | undefined {
  if (values.start_in !== undefined && values.when !== 'delayed') {
    return complain(at, spanOf('start_in'), 'contains disallowed keys: start_in', {
      hint: '`start_in` goes with `when: delayed`.',
    });
  }
  if (values.when === 'delayed' && values.start_in === undefined) {
    return complain(attributeOf(at, 'start_in'), spanOf('when'), 'should be a duration', {
      hint: 'Say how long to wait, for example `start_in: 30 minutes`.',
    });
  }
  return {
    if: values.if ?? null,
    changes: values.changes ?? null,
    exists: values.exists ?? null,
    when: values.when ?? null,
    startInSeconds: values.start_in ?? null,
    allowFailure: values.allow_failure ?? null,
    variables: values.variables ?? new Map(),
    needs: values.needs ?? null,
    interruptible: values.interruptible ?? null,
    autoCancel: values.auto_cancel ?? null,
    span: node.span,
  };
}
