import { expect, test } from 'vitest';
import { jobsUnderTheirBridges } from './job-order.ts';
import { emptyRunView, noteEvent } from './run-view.ts';

test('jobs of downstream pipelines stand under the jobs that started them', () => {
  const view = emptyRunView();
  start([], 'first', 'child', 'other', 'last');
  start(['other (group/name)'], 'there');
  start(['child'], 'inner', 'deeper');
  start(['child', 'deeper'], 'deepest');
  start(['other (group/name)', 'nobody knows'], 'lost');
  expect(jobsUnderTheirBridges(view).map(({ label }) => label)).toEqual([
    'first',
    'child',
    'child / inner',
    'child / deeper',
    'child / deeper / deepest',
    'other',
    'other (group/name) / there',
    'last',
    'other (group/name) / nobody knows / lost',
  ]);

  function start(within: readonly string[], ...names: readonly string[]): void {
    const jobs = names.map((name) => ({ name, stage: 'test', kind: 'build' as const }));
    noteEvent(
      view,
      { type: 'pipeline-started', within, name: null, ref: 'main', sha: '', stages: [], jobs },
      0,
    );
  }
});
