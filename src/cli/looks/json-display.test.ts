import { expect, it } from 'vitest';
import { jsonDisplay } from './json-display.ts';
import { finished, log, started, status } from './test-support/events.ts';
import { createTerminal } from './test-support/terminal.ts';

it('writes one JSON object a line for each event, and never half a character', async () => {
  const terminal = createTerminal(1000);
  const display = jsonDisplay(terminal);
  const rocket = Buffer.from('🚀\u001b[2J\n');
  const events = [
    started(['a']),
    status('a', 'running'),
    log('a', rocket.subarray(0, 2)),
    log('a', rocket.subarray(2)),
    finished(),
  ];
  for (const event of events) await display.show(event);
  await display.close();
  const rows = terminal
    .written()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
  expect(rows).toEqual([
    events[0],
    events[1],
    { type: 'job-log', within: [], job: 'a', text: '🚀\u001b[2J\n' },
    events[4],
  ]);
});
