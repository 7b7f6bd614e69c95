import type { ChildInclude, Json, Trigger } from '../../../pipeline/index.ts';
import { toJson } from '../../document/index.ts';
import { attribute, byKind, child, type Fields, into, listOf, mapOf, record } from './collections.ts';
import { attributeOf, childOf, complain, type Entry, type Position } from './entry.ts';
import { boolean, text, word } from './scalars.ts';

const MAX_INCLUDES = 3;

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
}

const inputs: Entry<Readonly<Record<string, Json>>> = into(
  mapOf<Json>({ shape: { type: 'any' }, read: toJson }, 'should be a hash'),
  (values) => Object.fromEntries(values),
);

const oneInclude: Entry<readonly ChildInclude[]> = byKind(
  {
    scalar: into(text({ blank: false, message: 'should be a string or a hash' }), (path) => [
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
        file: attribute(listOf(text(), { single: true, blank: false })),
        ref: attribute(text()),
        template: attribute(text()),
        remote: attribute(text()),
        component: attribute(text()),
        inputs: attribute(inputs),
      }),
      includesOf,
    ),
  },
  'should be a string or a hash',
);

const includes: Entry<readonly ChildInclude[]> = into(
  listOf(
    { shape: oneInclude.shape, read: (node, at) => oneInclude.read(node, childOf(at, 'include')) },
    {
      single: true,
      blank: false,
      maxItems: MAX_INCLUDES,
      tooMany: `is too long (maximum is ${MAX_INCLUDES})`,
    },
  ),
  (lists) => lists.flat(),
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
  inputs: attribute(inputs),
};

const toProject = into(
  record<Omit<TriggerKeys, 'include'>>({
    ...shared,
    project: attribute(text({ blank: false })),
    branch: attribute(text()),
  }),
  (fields, at) => triggerOf(fields, at),
);

const toChild = into(
  record<Omit<TriggerKeys, 'project' | 'branch'>>({ ...shared, include: attribute(includes) }),
  (fields, at) => triggerOf(fields, at),
);

/** `trigger`: the pipeline that a bridge job starts, in another project or as a child of this one. */
export const trigger: Entry<Trigger> = byKind(
  {
    scalar: into(text({ blank: false, message: 'has to be either a string or a hash' }), (project) => ({
      target: { kind: 'project' as const, project, branch: null },
      ...DEFAULTS,
    })),
    mapping: {
      shape: { type: 'one-of', choices: [toProject.shape, toChild.shape] },
      read: (node, at) =>
        node.kind === 'mapping' && node.entries.has('include') && !node.entries.has('project')
          ? toChild.read(node, at)
          : toProject.read(node, at),
    },
  },
  'has to be either a string or a hash',
);

const DEFAULTS = {
  strategy: null,
  forward: { yamlVariables: true, pipelineVariables: false },
  inputs: {},
};

function triggerOf({ values, spanOf }: Fields<Partial<TriggerKeys>>, at: Position): Trigger | undefined {
  const target = targetOf(values);
  if (target === null) return complain(attributeOf(at, 'project'), spanOf('project'), "can't be blank");
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

function includesOf(
  { values, spanOf }: Fields<IncludeKeys>,
  at: Position,
): readonly ChildInclude[] | undefined {
  const given = values.inputs ?? {};
  if (values.artifact !== undefined) {
    if (values.job === undefined) return complain(attributeOf(at, 'job'), spanOf('job'), "can't be blank");
    return [{ kind: 'artifact', path: values.artifact, job: values.job, inputs: given }];
  }
  if (values.project !== undefined) {
    const { project, file, ref = null } = values;
    if (file === undefined) return complain(attributeOf(at, 'file'), spanOf('file'), "can't be blank");
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
