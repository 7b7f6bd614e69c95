import type { ChildInclude, Json, Trigger } from '../../../pipeline/index.ts';
import { type Node, toJson } from '../../document/index.ts';
import { attribute, byKind, child, type Fields, into, isNull, listOf, mapOf, record } from './collections.ts';
import { childOf, complain, complainOf, type Entry, type Position } from './entry.ts';
import { remoteKeysAreRight } from './remote-keys.ts';
import { includeRules } from './rules.ts';
import { boolean, isBlank, text, textOf, word } from './scalars.ts';

const MAX_INCLUDES = 3;
const HASH_OR_STRING = 'should be a hash or a string';
const ARRAY_OR_STRING = 'should be an array or a string';
const STRING_OR_HASH = 'has to be either a string or a hash';

interface IncludeKeys {
  local: string;
  artifact: string;
  job: string;
  project: string;
  file: readonly string[];
  ref: string;
  template: string;
  remote: string;
  component: string;
  inputs: Readonly<Record<string, Json>>;
  rules: unknown;
  integrity: string;
  cache: Node;
}

const inputs: Entry<Readonly<Record<string, Json>>> = into(
  mapOf<Json>({ shape: { type: 'any' }, read: toJson }, 'should be a hash'),
  (values) => Object.fromEntries(values),
);

const oneInclude: Entry<readonly ChildInclude[]> = byKind(
  {
    scalar: into(text({ blank: false, message: HASH_OR_STRING }), (path) => [
      /^https?:\/\//.test(path)
        ? { kind: 'remote' as const, url: path, inputs: {} }
        : { kind: 'local' as const, path, inputs: {} },
    ]),
    mapping: into(
      record<IncludeKeys>({
        local: attribute(text()),
        artifact: attribute(text()),
        job: attribute(text()),
        project: attribute(text()),
        file: attribute(listOf(text(), { single: true })),
        ref: attribute(text()),
        template: attribute(text()),
        remote: attribute(text()),
        component: attribute(text()),
        inputs: attribute(inputs),
        rules: child(includeRules),
        integrity: attribute(text()),
        cache: attribute({
          shape: { type: 'one-of', choices: [{ type: 'boolean' }, { type: 'string' }] },
          read: (node) => node,
        }),
      }),
      withFurther,
    ),
  },
  HASH_OR_STRING,
);

const atInclude: Entry<readonly ChildInclude[]> = {
  shape: oneInclude.shape,
  read: (node, at) => oneInclude.read(node, childOf(at, 'include')),
};

const includes: Entry<readonly ChildInclude[]> = byKind(
  {
    scalar: {
      shape: { type: 'string' },
      read: (node, at) =>
        textOf(node) === null ? complain(at, node.span, ARRAY_OR_STRING) : atInclude.read(node, at),
    },
    sequence: into(
      listOf(atInclude, {
        blank: false,
        maxItems: MAX_INCLUDES,
        tooMany: `is too long (maximum is ${MAX_INCLUDES})`,
      }),
      (lists) => lists.flat(),
    ),
  },
  ARRAY_OR_STRING,
);

interface ForwardKeys {
  yaml_variables: boolean;
  pipeline_variables: boolean;
}

interface TriggerKeys {
  project: string;
  branch: string;
  strategy: 'depend' | 'mirror';
  forward: Fields<ForwardKeys>;
  inputs: Readonly<Record<string, Json>>;
  include: readonly ChildInclude[];
}

const shared = {
  strategy: attribute(word<'depend' | 'mirror'>(['depend', 'mirror'], 'should be depend or mirror')),
  forward: child(
    record<ForwardKeys>({ yaml_variables: attribute(boolean), pipeline_variables: attribute(boolean) }),
  ),
};

const toProject = into(
  record<Omit<TriggerKeys, 'include'>>(
    {
      ...shared,
      inputs: attribute(inputs),
      project: attribute(text({ blank: false })),
      branch: attribute(text()),
    },
    { required: ['project'] },
  ),
  (fields, at) => triggerOf(fields, at),
);

const toChild = into(
  record<Omit<TriggerKeys, 'project' | 'branch' | 'inputs'>>(
    { ...shared, include: child(includes) },
    { required: ['include'] },
  ),
  (fields, at) => triggerOf(fields, at),
);

/** `trigger`: the pipeline that a bridge job starts, in another project or as a child of this one. */
export const trigger: Entry<Trigger> = byKind(
  {
    scalar: into(projectName(), (project) => ({
      target: { kind: 'project' as const, project, branch: null },
      ...DEFAULTS,
    })),
    mapping: {
      shape: { type: 'one-of', choices: [toProject.shape, toChild.shape] },
      read: (node, at) =>
        node.kind === 'mapping' && node.entries.has('include')
          ? toChild.read(node, at)
          : toProject.read(node, at),
    },
  },
  STRING_OR_HASH,
  complainOf,
);

function projectName(): Entry<string> {
  return {
    shape: { type: 'string', minLength: 1 },
    read(node, at) {
      const name = textOf(node);
      if (name === null) return complainOf(at, node.span, STRING_OR_HASH);
      return isBlank(name) ? complain(at, node.span, "can't be blank") : name;
    },
  };
}

const DEFAULTS = {
  strategy: null,
  forward: { yamlVariables: true, pipelineVariables: false },
  inputs: {},
};

function triggerOf({ values, spanOf }: Fields<Partial<TriggerKeys>>, at: Position): Trigger | undefined {
  const target = targetOf(values);
  if (target === null) return complain(at, spanOf('project'), 'must specify either project or include');
  return {
    target,
    strategy: values.strategy ?? null,
    forward: {
      yamlVariables: values.forward?.values.yaml_variables ?? true,
      pipelineVariables: values.forward?.values.pipeline_variables ?? false,
    },
    inputs: values.inputs ?? {},
  };
}

function targetOf(values: Partial<Readonly<TriggerKeys>>): Trigger['target'] | null {
  if (values.include !== undefined) return { kind: 'child', includes: values.include };
  if (values.project === undefined) return null;
  return { kind: 'project', project: values.project, branch: values.branch ?? null };
}

const FURTHER = ['rules', 'integrity', 'cache'] as const;

function withFurther(
  fields: Fields<IncludeKeys>,
  at: Position,
  node: Node,
): readonly ChildInclude[] | undefined {
  const includes = includesOf(fields, at);
  if (includes === undefined || node.kind !== 'mapping' || !remoteKeysAreRight(node, at)) return undefined;
  const further: Record<string, Json> = {};
  for (const key of FURTHER) {
    const value = node.entries.get(key)?.value;
    if (value !== undefined && !isNull(value)) further[key] = toJson(value);
  }
  return Object.keys(further).length === 0 ? includes : includes.map((include) => ({ ...include, further }));
}

function includesOf(
  { values, spanOf }: Fields<IncludeKeys>,
  at: Position,
): readonly ChildInclude[] | undefined {
  const given = values.inputs ?? {};
  if (values.artifact !== undefined) {
    const { artifact: path, job = '' } = values;
    if (isBlank(job)) {
      return complain(at, spanOf('job'), 'must specify the job where to fetch the artifact from');
    }
    return [{ kind: 'artifact', path, job, inputs: given }];
  }
  if (values.project !== undefined) {
    const { project, file, ref = null } = values;
    if (file === undefined || file.every(isBlank)) {
      return complain(at, spanOf('file'), 'must specify the file where to fetch the config from');
    }
    return file.map((path) => ({ kind: 'project', project, path, ref, inputs: given }));
  }
  if (values.local !== undefined) return [{ kind: 'local', path: values.local, inputs: given }];
  if (values.template !== undefined) return [{ kind: 'template', name: values.template, inputs: given }];
  if (values.remote !== undefined) return [{ kind: 'remote', url: values.remote, inputs: given }];
  if (values.component !== undefined) {
    return [{ kind: 'component', component: values.component, inputs: given }];
  }
  return complain(at, spanOf('local'), 'needs one of: local, artifact, project, template, remote, component');
}
