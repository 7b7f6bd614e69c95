import type { MappingNode } from '../../document/index.ts';
import { valueIn } from '../buildspec-values.ts';
import { BATCH, FANOUT } from '../language/batch.ts';
import { type Batch, type BatchBuild, type BatchReader, MOST_BUILDS } from './batch.ts';
import { readGraph, readList } from './listed-builds.ts';
import { readMatrix } from './matrix.ts';

const KINDS = ['build-list', 'build-matrix', 'build-graph', 'build-fanout'] as const;

/**
 * Reads `batch` of a buildspec (docs.aws.amazon.com/codebuild, "Batch build buildspec reference"). All that is wrong is in
 * the reader's problems; builds that would be too many are left out.
 */
export function readBatch(node: MappingNode, reader: BatchReader): Batch {
  const { read } = reader;
  read.known(node, 'batch', BATCH);
  const failsFast = read.flag(node, 'fast-fail');
  const [kind, second] = KINDS.filter((key) => valueIn(node, key) !== null);
  const place = second === undefined ? node : (valueIn(node, second) ?? node);
  if (kind === undefined || second !== undefined) {
    read.error(place, `batch should have one of: ${KINDS.join(', ')}`);
  }
  return { failsFast, builds: kind === undefined ? [] : readKind(kind, node, reader) };
}

function readKind(
  kind: (typeof KINDS)[number],
  node: MappingNode,
  reader: BatchReader,
): readonly BatchBuild[] {
  switch (kind) {
    case 'build-list':
      return readList(node, reader);
    case 'build-graph':
      return readGraph(node, reader);
    case 'build-matrix':
      return readMatrix(node, reader);
    case 'build-fanout':
      return readFanout(node, reader);
  }
}

/** The same build many times; it is told which of them it is as GitLab tells a parallel job. */
function readFanout(batch: MappingNode, { read }: BatchReader): readonly BatchBuild[] {
  const node = read.mapping(batch, 'build-fanout');
  if (node === null) return [];
  read.known(node, 'build-fanout', FANOUT);
  const ignoresFailure = read.flag(node, 'ignore-failure');
  const written = read.text(node, 'parallelism');
  const total = Number(written?.text ?? '');
  if (written === null || !/^\d{1,9}$/.test(written.text) || total < 1 || total > MOST_BUILDS) {
    read.error(written?.node ?? node, `parallelism should be a number from 1 to ${MOST_BUILDS}`);
    return [];
  }
  const plain = (value: number) => ({ value: String(value), expand: false });
  return Array.from({ length: total }, (_, index) => ({
    name: `build ${index + 1}/${total}`,
    identifier: `build_${index + 1}`,
    node,
    buildspec: null,
    machine: {
      image: null,
      variables: { CI_NODE_INDEX: plain(index + 1), CI_NODE_TOTAL: plain(total) },
    },
    ignoresFailure,
    dependsOn: null,
  }));
}
