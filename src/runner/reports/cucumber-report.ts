import type { FoundTest } from './test-tally.ts';

/**
 * A report of Cucumber in JSON: features with scenarios, whose outcome is that of their steps and hooks. A step that
 * nobody has defined fails its scenario, as Cucumber itself has it. Answers with what is wrong; null: nothing.
 */
export function readCucumber(text: string, found: (test: FoundTest) => void): string | null {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return 'it is no JSON';
  }
  if (!Array.isArray(read)) return 'it is no list of features';
  for (const feature of read) {
    for (const scenario of listAt(feature, 'elements')) {
      if (textAt(scenario, 'type') === 'background') continue;
      found(testOf(textAt(feature, 'name'), scenario));
    }
  }
  return null;
}

/** Texts of JSON lists that stand one behind the other; what is no list comes as it is. */
export function splitJsonLists(text: string): readonly string[] {
  const parts: string[] = [];
  let from = 0;
  let depth = 0;
  let inText = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (inText) {
      if (char === '\\') at += 1;
      else if (char === '"') inText = false;
    } else if (char === '"') inText = true;
    else if (char === '[') depth += 1;
    else if (char === ']') {
      depth -= 1;
      if (depth !== 0) continue;
      parts.push(text.slice(from, at + 1));
      from = at + 1;
    }
  }
  return [...parts, text.slice(from)];
}

function testOf(suite: string, scenario: unknown): FoundTest {
  const steps = ['before', 'steps', 'after'].flatMap((key) => listAt(scenario, key));
  const results = steps.map((step) => valueAt(step, 'result'));
  const statuses = new Set(results.map((result) => textAt(result, 'status').toLowerCase()));
  const isFailed = FAILED.some((status) => statuses.has(status));
  const nanoseconds = results.reduce<number>((sum, result) => sum + numberAt(result, 'duration'), 0);
  const failure = results.find((result) => FAILED.includes(textAt(result, 'status').toLowerCase()));
  return {
    suite,
    name: textAt(scenario, 'name'),
    outcome: isFailed ? 'failed' : statuses.has('pending') || statuses.has('skipped') ? 'skipped' : 'success',
    seconds: nanoseconds / 1e9,
    message: textAt(failure, 'error_message') || textAt(failure, 'status'),
  };
}

const FAILED: readonly string[] = ['failed', 'undefined', 'ambiguous'];

function valueAt(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? Reflect.get(value, key)
    : undefined;
}

function listAt(value: unknown, key: string): readonly unknown[] {
  const found = valueAt(value, key);
  return Array.isArray(found) ? found : [];
}

function textAt(value: unknown, key: string): string {
  const found = valueAt(value, key);
  return typeof found === 'string' ? found : '';
}

function numberAt(value: unknown, key: string): number {
  const found = valueAt(value, key);
  return typeof found === 'number' && found > 0 ? found : 0;
}
