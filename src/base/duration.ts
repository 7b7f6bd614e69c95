/**
 * Reads a duration as people write it: `3h 30m`, `1 week and 2 days`, `1.5 hours`, `3:30` (minutes and seconds), `two
 * hours`, `90` (seconds). Returns seconds, or null when the text is no duration or amounts to nothing; `durationError`
 * tells the two apart. A month is 30 days and a year 365.25, as in GitLab.
 */
export function parseDuration(text: string): number | null {
  const words = toWords(text);
  if (words === null || firstUnknownWord(words) !== null) return null;
  const seconds = sum(words);
  return seconds === 0 ? null : seconds;
}

/** What is wrong with a text that is not a duration; null when nothing is. */
export function durationError(text: string): string | null {
  const words = toWords(text);
  if (words === null) return `"${text.trim()}" has more parts than years:months:days:hours:minutes:seconds`;
  const unknown = firstUnknownWord(words);
  return unknown === null ? null : `"${unknown}" is neither a number nor a unit of time`;
}

const DAY = 86_400;

const UNITS: ReadonlyMap<string, number> = new Map([
  ...unit(1, 'seconds second secs sec s'),
  ...unit(60, 'minutes minute mins min m'),
  ...unit(3_600, 'hours hour hrs hr h'),
  ...unit(DAY, 'days day dy d'),
  ...unit(7 * DAY, 'weeks week wks wk w'),
  ...unit(30 * DAY, 'months month mos mo'),
  ...unit(365.25 * DAY, 'years year yrs yr y'),
]);

/** The units of `1:02:03`, from the right. */
const CLOCK_UNITS = ['seconds', 'minutes', 'hours', 'days', 'months', 'years'];

const FILLERS: ReadonlySet<string> = new Set(['and', 'with', 'plus', '']);

const NUMBER = /\d*\.?\d+/g;

function unit(seconds: number, names: string): readonly (readonly [string, number])[] {
  return names.split(' ').map((name) => [name, seconds] as const);
}

/** The text as alternating numbers and words; null when it is written like a clock with too many parts. */
function toWords(text: string): readonly string[] | null {
  const digits = spellOutNumbers(text.toLowerCase());
  const compact = digits.replace(/\s+/g, '');
  const timed = /^(?:\d*\.?\d+:)+\d*\.?\d+$/.test(compact) ? clockToWords(compact) : digits;
  if (timed === null) return null;
  const words = timed
    .replace(NUMBER, ' $& ')
    .split(/\s+/)
    .map(withoutCommas)
    .filter((word) => !FILLERS.has(word));
  const [first] = words;
  // "day" alone means one day.
  return first !== undefined && UNITS.has(first) ? ['1', ...words] : words;
}

function clockToWords(compact: string): string | null {
  const parts = compact.split(':').reverse();
  if (parts.length > CLOCK_UNITS.length) return null;
  return parts
    .map((part, index) => `${part} ${CLOCK_UNITS[index] ?? ''}`)
    .reverse()
    .join(' ');
}

function withoutCommas(word: string): string {
  return word.replace(/^,/, '').replace(/,$/, '');
}

function firstUnknownWord(words: readonly string[]): string | null {
  return words.find((word) => !isNumber(word) && !UNITS.has(word)) ?? null;
}

function sum(words: readonly string[]): number {
  let seconds = 0;
  for (const [index, word] of words.entries()) {
    if (!isNumber(word)) continue;
    const next = words[index + 1];
    // A number without a unit counts seconds only at the end: in "5 10 minutes" the 5 says nothing.
    seconds += Number(word) * (next === undefined ? 1 : (UNITS.get(next) ?? 0));
  }
  return seconds;
}

function isNumber(word: string): boolean {
  return /^\d*\.?\d+$/.test(word);
}

const SMALL_NUMBERS: ReadonlyMap<string, number> = new Map(
  (
    'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen ' +
    'seventeen eighteen nineteen'
  )
    .split(' ')
    .map((word, value) => [word, value] as const),
);

const TENS: ReadonlyMap<string, number> = new Map(
  'twenty thirty forty fifty sixty seventy eighty ninety'
    .split(' ')
    .map((word, index) => [word, (index + 2) * 10] as const),
);

/** `two` to `2`, `twenty-five` to `25`. */
function spellOutNumbers(text: string): string {
  if (!/[a-z]/.test(text)) return text;
  return text.replace(/\b([a-z]+)(?:[ -]+([a-z]+))?\b/g, (whole: string, first: string, second?: string) => {
    const tens = TENS.get(first);
    const ones = second === undefined ? undefined : SMALL_NUMBERS.get(second);
    if (tens !== undefined && ones !== undefined && ones < 10) return String(tens + ones);
    return whole.replace(/[a-z]+/g, (word) => String(SMALL_NUMBERS.get(word) ?? TENS.get(word) ?? word));
  });
}

/** `1 second`, `90 seconds` */
export function secondsText(seconds: number): string {
  return seconds === 1 ? '1 second' : `${seconds} seconds`;
}
