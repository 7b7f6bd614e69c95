import { describe, expect, test } from 'vitest';
import { readCron } from './cron.ts';

async function next(expression: string, timeZone: string, after: string): Promise<string | null> {
  const read = await readCron(expression, timeZone);
  if (!read.ok) throw new Error(read.message);
  const found = read.recurrence.next(Date.parse(after));
  return found === null ? null : new Date(found).toISOString();
}

describe('the next moment', () => {
  test.each([
    ['every minute', '* * * * *', 'UTC', '2026-01-01T00:00:30Z', '2026-01-01T00:01:00.000Z'],
    [
      'that moment itself does not count',
      '0 1 * * *',
      'UTC',
      '2026-01-01T01:00:00Z',
      '2026-01-02T01:00:00.000Z',
    ],
    ['in a time zone', '0 1 * * *', 'Asia/Tokyo', '2026-01-01T00:00:00Z', '2026-01-01T16:00:00.000Z'],
    ['in winter', '0 9 * * *', 'Europe/Berlin', '2026-01-01T00:00:00Z', '2026-01-01T08:00:00.000Z'],
    ['in summer', '0 9 * * *', 'Europe/Berlin', '2026-07-01T00:00:00Z', '2026-07-01T07:00:00.000Z'],
    [
      'a time that is left out',
      '30 2 * * *',
      'Europe/Berlin',
      '2026-03-29T00:00:00Z',
      '2026-03-29T01:00:00.000Z',
    ],
    [
      'day of the month or of the week',
      '0 0 13 * 5',
      'UTC',
      '2026-03-07T00:00:00Z',
      '2026-03-13T00:00:00.000Z',
    ],
    ['names', '0 0 * JAN MON', 'UTC', '2026-01-01T00:00:00Z', '2026-01-05T00:00:00.000Z'],
    ['the second Monday', '0 9 * * mon#2', 'UTC', '2026-03-01T00:00:00Z', '2026-03-09T09:00:00.000Z'],
    ['the last day of the month', '0 0 L * *', 'UTC', '2026-02-03T00:00:00Z', '2026-02-28T00:00:00.000Z'],
    ['a word', '@weekly', 'UTC', '2026-03-02T00:00:00Z', '2026-03-08T00:00:00.000Z'],
    ['steps from a number', '5/20 * * * *', 'UTC', '2026-01-01T00:06:00Z', '2026-01-01T00:25:00.000Z'],
    ['the 29th of February', '0 0 29 2 *', 'UTC', '2026-01-01T00:00:00Z', '2028-02-29T00:00:00.000Z'],
  ])('%s', async (_what, expression, timeZone, after, expected) => {
    expect(await next(expression, timeZone, after)).toBe(expected);
  });

  test('a time that comes twice counts once', async () => {
    const first = await next('30 2 * * *', 'Europe/Berlin', '2026-10-25T00:00:00Z');
    expect(first).toBe('2026-10-25T00:30:00.000Z');
    expect(await next('30 2 * * *', 'Europe/Berlin', first ?? '')).toBe('2026-10-26T01:30:00.000Z');
  });
});

test.each([
  ['six fields', '* * * * * *', 'UTC', 'cron', /five fields/],
  ['a date', '2030-01-01T00:00:00', 'UTC', 'cron', /five fields/],
  ['nothing', '', 'UTC', 'cron', /five fields/],
  ['a day that never is', '0 0 30 2 *', 'UTC', 'cron', /no day that there ever is/],
  ['what depends on now', '? * * * *', 'UTC', 'cron', /"\?"/],
  ['a start of the machine', '@reboot', 'UTC', 'cron', /five fields/],
  ['weeks counted from somewhere', '0 9 * * sun%2', 'UTC', 'cron', /illegal/],
  ['a minute that is none', '60 * * * *', 'UTC', 'cron', /./],
  ['far too much', `${'1,'.repeat(1000)}1 * * * *`, 'UTC', 'cron', /longer than 255/],
  ['no time zone', '0 0 * * *', 'Middle/Earth', 'cron_timezone', /Europe\/Berlin/],
  ['a hostile time zone', '0 0 * * *', '../../etc/passwd', 'cron_timezone', /no time zone/],
])('%s is refused', async (_what, expression, timeZone, about, message) => {
  expect(await readCron(expression, timeZone)).toMatchObject({
    ok: false,
    about,
    message: expect.stringMatching(message),
  });
});
