import { expect, test } from 'vitest';
import { exceededLimit, type PipelineIdentity } from './limits.ts';

const child = (): PipelineIdentity => ({ project: 'g/a', ref: 'main', source: 'parent_pipeline' });
const of = (project: string): PipelineIdentity => ({ project, ref: 'main', source: 'pipeline' });
const first: PipelineIdentity = { project: 'g/a', ref: 'main', source: 'push' };

test.each<readonly [string, readonly PipelineIdentity[], boolean, number, string | undefined]>([
  ['a child', [first], true, 1, undefined],
  ['a child of a child', [first, child()], true, 2, undefined],
  ['one more', [first, child(), child()], true, 3, 'reached_max_descendant_pipelines_depth'],
  ['a child in another project, which counts anew', [first, child(), child(), of('g/b')], true, 4, undefined],
  ['another project from the deepest child', [first, child(), child()], false, 3, undefined],
  ['one way round', [first, of('g/b'), of('g/a'), of('g/b')], false, 4, undefined],
  [
    'another way round',
    [first, of('g/b'), of('g/a'), of('G/b'), of('g/a'), of('g/b')],
    false,
    6,
    'pipeline_loop_detected',
  ],
  [
    'the same project for other branches',
    ['one', 'two', 'three', 'four'].map((ref) => ({ ...of('g/b'), ref })),
    false,
    4,
    undefined,
  ],
  ['too many pipelines', [first], true, 1000, 'reached_max_pipeline_hierarchy_size'],
  ['too many pipelines of other projects', [first], false, 1000, 'reached_max_pipeline_hierarchy_size'],
])('%s', (_, lineage, isChild, pipelines, reason) => {
  expect(exceededLimit(lineage, isChild, pipelines)?.reason).toBe(reason);
});
