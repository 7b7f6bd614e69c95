import { expect, test } from 'vitest';
import { highestRelease, isReleaseWish } from './release-version.ts';

const tags = [
  '0.9.0',
  '1.0.0',
  '1.2.3',
  '1.10.0',
  'v1.2.4',
  '2.0.0-rc.1',
  '1.2',
  'main',
  '3',
  '1.9.9+build.7',
];

test.each([
  ['~latest', '1.10.0'],
  ['1', '1.10.0'],
  ['1.2', 'v1.2.4'],
  ['1.9', '1.9.9+build.7'],
  ['0', '0.9.0'],
  ['2', null],
  ['1.3', null],
])('%s is %s', (wish, tag) => {
  expect(highestRelease(tags, wish)).toBe(tag);
});

test.each([
  ['~latest', true],
  ['1', true],
  ['1.2', true],
  ['1.2.3', false],
  ['main', false],
  ['v1', false],
  ['1.', false],
  [`${'1'.repeat(4000)}x`, false],
])('whether %s stands for several releases: %s', (version, is) => {
  expect(isReleaseWish(version)).toBe(is);
});
