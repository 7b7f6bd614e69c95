import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { durationError, parseDuration, secondsText } from './duration.ts';

test.each([
  [1, '1 second'],
  [0, '0 seconds'],
  [90, '90 seconds'],
])('secondsText of %d', (seconds, text) => {
  expect(secondsText(seconds)).toBe(text);
});

describe('parseDuration', () => {
  test.each(['soon', '1 fortnight', 'never'])('"%s" is an error that names the word', (text) => {
    expect(parseDuration(text)).toBeNull();
    expect(durationError(text)).toContain(`"${text.split(' ').at(-1)}"`);
  });

  test.each(['', '0', '0 hours'])('"%s" is nothing, which is no error', (text) => {
    expect(parseDuration(text)).toBeNull();
    expect(durationError(text)).toBeNull();
  });

  test.each([
    ['3h 30m', 12_600],
    ['47 yrs 6 mos and 4d', 1_499_104_800],
    ['1.5 hours', 5_400],
    ['twenty-five minutes', 1500],
    ['day', 86_400],
    ['5 10 minutes', 600],
    ['  1H  ', 3600],
    ['1:02:03', 3723],
  ])('%s', (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds);
  });

  test('too many parts of a clock are an error', () => {
    expect(durationError('1:2:3:4:5:6:7')).toContain('more parts');
  });

  test('reads back what is written with units', () => {
    fc.assert(
      fc.property(fc.nat(400), fc.nat(23), fc.nat(59), fc.nat(59), (d, h, m, s) => {
        const seconds = ((d * 24 + h) * 60 + m) * 60 + s;
        expect(parseDuration(`${d}d ${h} hrs, ${m}mins and ${s}s`)).toBe(seconds === 0 ? null : seconds);
      }),
    );
  });

  test('never throws', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(parseDuration(text) === null || durationError(text) === null).toBe(true);
      }),
    );
  });
});
