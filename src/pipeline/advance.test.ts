import { describe, expect, it } from 'vitest';
import { advance } from './advance.ts';
import type { PipelineEvent } from './event.ts';
import { job, plan } from './test-support/plan-builder.ts';
import { commandsAfter, shown, toldWorld } from './test-support/scenario.ts';
import { happen } from './test-support/world.ts';

const a = job('a');
const b = job('b');
const twoStages = plan({ one: [a, b], two: [job('c')] });

describe('variables given by a person', () => {
  it('reach the run, its automatic retry, and a retry that gives none', () => {
    const manual = plan({ one: [job('m', { when: 'manual', resourceGroup: 'prod', retry: {} })] });
    const world = toldWorld(manual, 'start');
    const fail = { status: 'failed', reason: 'script_failure', exitCode: 1 } as const;
    const events: readonly PipelineEvent[] = [
      { type: 'job-played', job: 'm', variables: { VERSION: '1' } },
      { type: 'resource-granted', job: 'm', attempt: 1 },
      { type: 'job-finished', job: 'm', attempt: 1, outcome: fail },
      { type: 'resource-granted', job: 'm', attempt: 2 },
      { type: 'job-finished', job: 'm', attempt: 2, outcome: fail },
      { type: 'job-retried', job: 'm', variables: null },
      { type: 'resource-granted', job: 'm', attempt: 3 },
      { type: 'job-finished', job: 'm', attempt: 3, outcome: fail },
      { type: 'job-retried', job: 'm', variables: { VERSION: '2' } },
      { type: 'resource-granted', job: 'm', attempt: 4 },
    ];
    const commands = events.flatMap((event) => happen(world, event).commands);
    const runs = commands.flatMap((command) => (command.type === 'run-job' ? [command.variables] : []));
    expect(runs).toEqual([{ VERSION: '1' }, { VERSION: '1' }, { VERSION: '1' }, { VERSION: '2' }]);
  });
});

describe('commands', () => {
  it('come in the documented order', () => {
    const diamond = plan({
      one: [job('a', { resourceGroup: 'prod' }), b],
      two: [job('d', { needs: ['c1'] }), job('c2', { needs: ['a'] }), job('c1', { needs: ['a'] })],
      three: [job('e', { needs: ['d'], when: 'on_failure' }), job('f')],
    });
    const commands = commandsAfter(diamond, 'start, b passes, a starts', 'a fails');
    expect(commands.map(shown)).toEqual([
      'a running → failed',
      'release-resource a 1',
      'c2 created → skipped',
      'c1 created → skipped',
      'd created → skipped',
      'e created → skipped',
      'f created → skipped',
      'pipeline running → failed',
    ]);
    expect(commandsAfter(plan({ one: [a, b] }), '', 'start').map(shown)).toEqual([
      'a created → pending',
      'run-job a 1',
      'b created → pending',
      'run-job b 1',
      'pipeline created → pending',
    ]);
  });
});

describe('an event that does not fit', () => {
  const events: readonly PipelineEvent[] = [
    { type: 'pipeline-started' },
    { type: 'job-started', job: 'nobody', attempt: 1 },
    { type: 'job-started', job: 'a', attempt: 2 },
    { type: 'job-started', job: 'a', attempt: 0 },
    { type: 'job-finished', job: 'c', attempt: 1, outcome: { status: 'success' } },
    { type: 'delay-elapsed', job: 'a', attempt: 1 },
    { type: 'resource-granted', job: 'a', attempt: 1 },
    { type: 'downstream-created', job: 'a', attempt: 1 },
    { type: 'job-retried', job: 'a', variables: null },
    { type: 'job-played', job: '__proto__', variables: {} },
  ];

  it.each(events)('changes nothing: $type $job $attempt', (event) => {
    const { state } = toldWorld(twoStages, 'start');
    const step = advance(state, event);
    expect(step.state).toBe(state);
    expect(step.commands).toEqual([]);
  });
});
