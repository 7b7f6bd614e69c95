import type { ParsedNeed } from '../parsed.ts';
import { attribute, byKind, child, into, listOf, mapOf, record } from './collections.ts';
import { complain, complainOf, type Entry } from './entry.ts';
import { boolean, isBlank, quoteHint, scalarAsText, text, textOf } from './scalars.ts';

type Selection = readonly Readonly<Record<string, readonly string[]>>[];

interface NeedKeys {
  job: string;
  artifacts: boolean;
  optional: boolean;
  parallel: Selection;
  pipeline: string;
  project: string;
  ref: string;
}

const fields = {
  job: attribute(text({ blank: false })),
  artifacts: attribute(boolean),
  optional: attribute(boolean),
  parallel: child(matrixSelection()),
  pipeline: attribute(text({ blank: false })),
  project: attribute(text({ blank: false })),
  ref: attribute(text({ blank: false })),
};

const { job, artifacts, optional, parallel, pipeline, project, ref } = fields;

/** A need of this pipeline, of another one, of another project; and the pipeline that a bridge mirrors. */
const ofJob = into(
  record<Pick<NeedKeys, 'job' | 'artifacts' | 'optional' | 'parallel'>>(
    { job, artifacts, optional, parallel },
    { required: ['job'] },
  ),
  ({ values, spanOf }): ParsedNeed => ({
    kind: 'job',
    job: values.job ?? '',
    artifacts: values.artifacts ?? true,
    optional: values.optional ?? false,
    matrix: values.parallel ?? null,
    span: spanOf('job'),
  }),
);

const ofPipeline = into(
  record<Pick<NeedKeys, 'pipeline' | 'job' | 'artifacts' | 'optional'>>(
    { pipeline, job, artifacts, optional },
    { required: ['pipeline', 'job'] },
  ),
  ({ values, spanOf }): ParsedNeed => ({
    kind: 'pipeline',
    pipeline: values.pipeline ?? '',
    job: values.job ?? null,
    artifacts: values.artifacts ?? true,
    optional: values.optional ?? false,
    span: spanOf('pipeline'),
  }),
);

const ofProject = into(
  record<Pick<NeedKeys, 'project' | 'job' | 'ref' | 'artifacts'>>(
    { project, job, ref, artifacts },
    { required: ['project', 'job', 'ref'] },
  ),
  ({ values, spanOf }): ParsedNeed => ({
    kind: 'project',
    project: values.project ?? '',
    job: values.job ?? '',
    ref: values.ref ?? '',
    artifacts: values.artifacts ?? true,
    span: spanOf('job'),
  }),
);

const mirror = into(
  record<Pick<NeedKeys, 'pipeline'>>({ pipeline }, { required: ['pipeline'] }),
  ({ values, spanOf }): ParsedNeed => ({
    kind: 'pipeline',
    pipeline: values.pipeline ?? '',
    job: null,
    artifacts: false,
    optional: false,
    span: spanOf('pipeline'),
  }),
);

const UNSUPPORTED = 'has an unsupported type';

/** Which keys are there decides what is meant. */
const need: Entry<ParsedNeed> = {
  shape: {
    type: 'one-of',
    choices: [{ type: 'string', minLength: 1 }, ofJob.shape, ofPipeline.shape, ofProject.shape, mirror.shape],
  },
  read(node, at) {
    if (node.kind !== 'mapping') {
      const name = textOf(node);
      if (name === null) return complainOf(at, node.span, UNSUPPORTED, { hint: quoteHint(node) });
      if (isBlank(name)) return complain(at, node.span, "can't be blank");
      return { kind: 'job', job: name, artifacts: true, optional: false, matrix: null, span: node.span };
    }
    const has = (key: keyof NeedKeys): boolean => node.entries.has(key);
    if (has('project') || has('ref')) return ofProject.read(node, at);
    if (has('pipeline')) return (has('job') ? ofPipeline : mirror).read(node, at);
    if (has('job')) return ofJob.read(node, at);
    return complainOf(at, node.span, UNSUPPORTED, {
      hint: 'A need names a `job`, a `project` or a `pipeline`.',
    });
  },
};

/** `needs`: the jobs this one waits for and takes artifacts from. */
export const needs: Entry<readonly ParsedNeed[]> = byKind(
  {
    sequence: listOf(atNeed(need), { nested: true }),
    mapping: {
      shape: need.shape,
      read(node, at) {
        if (node.kind === 'mapping' && node.entries.size === 0)
          return complain(at, node.span, 'can not be an empty hash');
        const one = atNeed(need).read(node, at);
        return one === undefined ? undefined : [one];
      },
    },
  },
  'can only be a hash or an array',
);

/** `parallel: {matrix: [...]}` of a need: which instances of the needed job are meant. */
function matrixSelection(): Entry<Selection> {
  const value = scalarAsText('should be a string');
  const values = byKind(
    { scalar: into(value, (one) => [one]), sequence: listOf(value) },
    'should be a hash of key value pairs, value can be an array',
  );
  return into(
    record<{ matrix: readonly ReadonlyMap<string, readonly string[]>[] }>({
      matrix: child(listOf(mapOf(values), { message: 'should be an array of hashes', blank: false })),
    }),
    (fields, at) => {
      const { matrix } = fields.values;
      if (matrix === undefined) return complain(at, fields.spanOf('matrix'), 'missing required keys: matrix');
      return matrix.map((entry) => Object.fromEntries(entry));
    },
  );
}

/** What is wrong with one need is reported at `needs:need`. */
function atNeed(entry: Entry<ParsedNeed>): Entry<ParsedNeed> {
  return {
    shape: entry.shape,
    read: (node, at) => entry.read(node, { parent: at, key: 'need', kind: 'child', problems: at.problems }),
  };
}

/** `dependencies`: the jobs whose artifacts are fetched. */
export const dependencies: Entry<readonly string[]> = listOf(
  {
    shape: { type: 'string' },
    read: (node, at) => textOf(node) ?? complain(at, node.span, 'should be an array of strings'),
  },
  { message: 'should be an array of strings' },
);
