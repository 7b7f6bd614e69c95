import { expect, test } from 'vitest';
import { createMetrics, MOST_SERIES } from './metrics.ts';

test('figures are written as Prometheus reads them', () => {
  const metrics = createMetrics();
  const requests = metrics.counter('requests_total', 'What was asked\nand \\ how.', ['route', 'status']);
  const memory = metrics.gauge('memory_bytes', 'Memory.');
  const seconds = metrics.histogram('wait_seconds', 'Waiting.', [0.1, 1], ['kind']);
  requests.add(1, '/a', '200');
  requests.add(2, '/a', '200');
  requests.add(1, 'a "quoted"\n\\ one', '404');
  memory.set(12.5);
  for (const value of [0.05, 0.1, 0.5, 7]) seconds.observe(value, 'x');
  expect(metrics.text()).toBe(`# HELP requests_total What was asked\\nand \\\\ how.
# TYPE requests_total counter
requests_total{route="/a",status="200"} 3
requests_total{route="a \\"quoted\\"\\n\\\\ one",status="404"} 1
# HELP memory_bytes Memory.
# TYPE memory_bytes gauge
memory_bytes 12.5
# HELP wait_seconds Waiting.
# TYPE wait_seconds histogram
wait_seconds_bucket{kind="x",le="0.1"} 2
wait_seconds_bucket{kind="x",le="1"} 3
wait_seconds_bucket{kind="x",le="+Inf"} 4
wait_seconds_sum{kind="x"} 7.65
wait_seconds_count{kind="x"} 4
`);
});

test('a metric that is given ever new labels stays small, and loses nothing', () => {
  const metrics = createMetrics();
  const counter = metrics.counter('many_total', 'Many.', ['name']);
  for (let name = 0; name < 5000; name += 1) counter.add(1, `name ${name}`);
  const lines = metrics
    .text()
    .split('\n')
    .filter((line) => line.startsWith('many_total'));
  expect(lines).toHaveLength(MOST_SERIES + 1);
  expect(lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)).toBe(5000);
  expect(lines.at(-1)).toBe(`many_total{name="other"} ${5000 - MOST_SERIES}`);
});
