import type { MappingNode } from '../../document/index.ts';
import { type PlacedText, type ValueReader, valueIn } from '../buildspec-values.ts';
import { MATRIX, MATRIX_DYNAMIC, MATRIX_ENVIRONMENT, MATRIX_STATIC } from '../language/batch.ts';
import { ownVariables } from '../read-environment.ts';
import { type BatchBuild, type BatchReader, MOST_BUILDS } from './batch.ts';
import { checkMachine, machineOf, readMachine } from './machine.ts';

/** What builds of a matrix differ in, and its values. */
interface Axis {
  readonly of: 'buildspec' | 'image' | 'compute-type' | 'variable';
  /** The variable's. */
  readonly name: string;
  readonly values: readonly PlacedText[];
}

/**
 * `build-matrix`: a build for each combination of the values of `dynamic`, with what is in `static`. They are called as
 * GitLab calls the jobs of a matrix, `build: [a, b]`.
 */
export function readMatrix(batch: MappingNode, { read, builders }: BatchReader): readonly BatchBuild[] {
  const node = read.mapping(batch, 'build-matrix');
  read.known(node, 'build-matrix', MATRIX);
  const fixed = read.mapping(node, 'static');
  read.known(fixed, 'build-matrix.static', MATRIX_STATIC);
  const written = readMachine(fixed, 'build-matrix.static', read);
  const ignoresFailure = read.flag(fixed, 'ignore-failure');
  const axes = readAxes(read.mapping(node, 'dynamic'), read);
  if (node === null) return [];
  const images =
    axes.find(({ of }) => of === 'image')?.values ?? (written.image === null ? [] : [written.image]);
  checkMachine(written.type, images, read);
  const count = axes.reduce((product, { values }) => product * values.length, 1);
  if (count > MOST_BUILDS) {
    read.error(node, `A batch has ${MOST_BUILDS} builds at most, and the matrix makes ${count}`);
    return [];
  }
  const combinations = combine(axes);
  const names = nameBuilds(combinations);
  return combinations.map((values, index) => {
    const chosen = (of: Axis['of']) => values[axes.findIndex((axis) => axis.of === of)] ?? null;
    const variables = axes.flatMap(({ of, name }, at) => {
      const value = values[at];
      return of === 'variable' && value !== undefined ? [[name, value] as const] : [];
    });
    const machine = {
      ...written,
      image: chosen('image') ?? written.image,
      variables: [...written.variables, ...variables],
    };
    return {
      name: names[index] ?? '',
      identifier: `build_${index + 1}`,
      node,
      buildspec: chosen('buildspec'),
      machine: machineOf(machine, builders),
      ignoresFailure,
      dependsOn: null,
    };
  });
}

function readAxes(dynamic: MappingNode | null, read: ValueReader): readonly Axis[] {
  read.known(dynamic, 'build-matrix.dynamic', MATRIX_DYNAMIC);
  const env = read.mapping(dynamic, 'env');
  read.known(env, 'build-matrix.dynamic.env', MATRIX_ENVIRONMENT);
  const variables = read.mapping(env, 'variables');
  const names = Array.from(variables?.entries ?? [], ([name, { value }]) => [name, { node: value }] as const);
  const axes: readonly Axis[] = [
    { of: 'buildspec', name: '', values: read.texts(dynamic, 'buildspec') },
    { of: 'image', name: '', values: read.texts(env, 'image') },
    { of: 'compute-type', name: '', values: read.texts(env, 'compute-type') },
    ...ownVariables(names, read).map(
      ([name]): Axis => ({ of: 'variable', name, values: read.texts(variables, name) }),
    ),
  ];
  for (const { of, name, values } of axes) {
    const node = of === 'variable' ? valueIn(variables, name) : null;
    if (node !== null && values.length === 0) read.error(node, `${name} has no values`);
  }
  return axes.filter(({ values }) => values.length > 0);
}

/** All combinations, the last axis first through. There are `MOST_BUILDS` at most. */
function combine(axes: readonly Axis[]): readonly (readonly PlacedText[])[] {
  let all: readonly (readonly PlacedText[])[] = [[]];
  for (const { values } of axes) all = all.flatMap((one) => values.map((value) => [...one, value]));
  return all;
}

/** GitLab's longest name of a job. */
const LONGEST = 255;

/** By their values; by their numbers where a value is too long, of several lines, or there twice. */
function nameBuilds(combinations: readonly (readonly PlacedText[])[]): readonly string[] {
  const names = combinations.map((values) =>
    values.length === 0 ? 'build' : `build: [${values.map(({ text }) => text).join(', ')}]`,
  );
  const usable = names.every((name) => name.length <= LONGEST && !/\p{Cc}/u.test(name));
  if (usable && new Set(names).size === names.length) return names;
  return names.map((_, index) => `build ${index + 1}/${names.length}`);
}
