import type { ParsedNeed } from '../parsed.ts';
import { attribute, byKind, child, type Fields, into, listOf, mapOf, record } from './collections.ts';
import { attributeOf, complain, type Entry, type Position } from './entry.ts';
import { boolean, scalarAsText, text, textOf } from './scalars.ts';

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

const need: Entry<ParsedNeed> = byKind(
  {
    scalar: into(text({ blank: false, message: 'should be a string or a hash' }), (job, _at, node) => ({
      kind: 'job',
      job,
      artifacts: true,
      optional: false,
      matrix: null,
      span: node.span,
    })),
    mapping: into(
      record<NeedKeys>({
        job: attribute(text({ blank: false })),
        artifacts: attribute(boolean),
        optional: attribute(boolean),
        parallel: child(matrixSelection()),
        pipeline: attribute(scalarAsText('should be a string')),
        project: attribute(text({ blank: false })),
        ref: attribute(text({ blank: false })),
      }),
      needOf,
    ),
  },
  'should be a string or a hash',
);

/** `needs`: the jobs this one waits for and takes artifacts from. */
export const needs: Entry<readonly ParsedNeed[]> = byKind(
  {
    sequence: listOf(atNeed(need), { nested: true }),
    mapping: into(atNeed(need), (one) => [one]),
  },
  'can only be a hash or an array',
);

function needOf({ values, spanOf }: Fields<NeedKeys>, at: Position): ParsedNeed | undefined {
  const span = spanOf('job');
  const { job, pipeline, project } = values;
  if (project !== undefined) {
    if (job === undefined) return complain(attributeOf(at, 'job'), span, "can't be blank");
    const { ref } = values;
    if (ref === undefined) return complain(attributeOf(at, 'ref'), spanOf('ref'), "can't be blank");
    return { kind: 'project', project, job, ref, artifacts: values.artifacts ?? true, span };
  }
  if (pipeline !== undefined) {
    return { kind: 'pipeline', pipeline, job: job ?? null, span: spanOf('pipeline') };
  }
  if (job === undefined) return complain(attributeOf(at, 'job'), span, "can't be blank");
  return {
    kind: 'job',
    job,
    artifacts: values.artifacts ?? true,
    optional: values.optional ?? false,
    matrix: values.parallel ?? null,
    span,
  };
}

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
