/** A moment that comes again and again. */
export interface Recurrence {
  /** The first moment after one; null: there is none. Milliseconds since 1970. */
  next(after: number): number | null;
}

export type CronReading =
  | { readonly ok: true; readonly recurrence: Recurrence }
  | { readonly ok: false; readonly about: 'cron' | 'cron_timezone'; readonly message: string };

/**
 * Reads a cron expression of five fields, or `@hourly` and the like, in a time zone of the IANA's database. Where both
 * the day of the month and that of the week are given, either will do, as in cron. A time that a change of the clocks
 * leaves out comes right after it; one that comes twice counts once.
 */
export async function readCron(expression: string, timeZone: string): Promise<CronReading> {
  if (!isTimeZone(timeZone)) {
    return {
      ok: false,
      about: 'cron_timezone',
      message: `${JSON.stringify(timeZone.slice(0, 50))} is no time zone: give a name like Europe/Berlin`,
    };
  }
  const wrong = (message: string) => ({ ok: false, about: 'cron', message }) as const;
  const text = expression.trim();
  if (text.length > MAX_LENGTH) return wrong(`is longer than ${MAX_LENGTH} characters`);
  const isName = NAMES.has(text.toLowerCase());
  if (!isName && text.split(/\s+/).length !== 5) {
    return wrong('has to have five fields: minute, hour, day of the month, month, day of the week');
  }
  if (text.includes('?')) return wrong('has a field "?": give "*" for any');
  const { Cron } = await import('croner');
  try {
    const cron = new Cron(text, { timezone: timeZone, mode: '5-part', paused: true, sloppyRanges: true });
    const next = (after: number) => cron.nextRun(new Date(after))?.getTime() ?? null;
    return next(0) === null ? wrong('names no day that there ever is') : { ok: true, recurrence: { next } };
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    return wrong(error.message.replace(/^Cron\w+: /, ''));
  }
}

const MAX_LENGTH = 255;

const NAMES: ReadonlySet<string> = new Set([
  ...['@hourly', '@daily', '@midnight', '@weekly', '@monthly', '@yearly', '@annually'],
]);

function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
