import { expect, test } from 'vitest';
import { processLimit } from './process-limit.ts';

test.each([
  { release: '6.14.0', processors: 2, limit: 4096 },
  { release: '6.18.44-fc-v669', processors: 16, limit: 16_384 },
  { release: '7.0.0-rc1', processors: 4, limit: 4096 },
  { release: '6.13.12-generic', processors: 4, limit: null },
  { release: '5.15.0', processors: 4, limit: null },
  { release: 'unknown', processors: 4, limit: null },
])('$release with $processors processors: $limit', ({ release, processors, limit }) => {
  expect(processLimit(release, processors)).toBe(limit);
});
