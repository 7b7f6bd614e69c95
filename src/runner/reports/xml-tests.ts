import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SaxesTagPlain } from 'saxes';
import type { FoundTest } from './test-tally.ts';

type Attributes = Readonly<Record<string, string>>;

/** How a format writes its tests: an element for each, with what it says of a failure inside. */
export interface Dialect {
  readonly roots: readonly string[];
  readonly test: string;
  /** The element with a failure's message. */
  readonly message: string;
  /** The element whose name is that of the suite, where tests do not say it themselves. */
  readonly suite: string | null;
  /** null: the element is no test of its own. */
  read(attributes: Attributes): Omit<FoundTest, 'message'> | null;
}

export const DIALECTS: Readonly<Record<'nunit' | 'testng' | 'trx', Dialect>> = {
  // NUnit 3 has `test-run`, NUnit 2 `test-results`.
  nunit: {
    roots: ['test-run', 'test-results'],
    test: 'test-case',
    message: 'message',
    suite: null,
    read({ name = '', fullname = name, classname, result = '', label, success, duration, time }) {
      const [suite, own] = classname === undefined ? inLastPart(fullname) : [classname, name];
      const written = result === '' ? (success === 'False' ? 'failure' : 'success') : result.toLowerCase();
      const outcome = label === 'Error' && written === 'failed' ? 'error' : (NUNIT[written] ?? 'skipped');
      return { suite, name: own, outcome, seconds: Number(duration ?? time ?? 0) };
    },
  },
  testng: {
    roots: ['testng-results'],
    test: 'test-method',
    message: 'message',
    suite: 'class',
    read({ name = '', status = '', 'is-config': isConfig, 'duration-ms': milliseconds = '0' }) {
      if (isConfig === 'true') return null;
      const outcome = ({ PASS: 'success', FAIL: 'failed' } as const)[status] ?? 'skipped';
      return { suite: '', name, outcome, seconds: Number(milliseconds) / 1000 };
    },
  },
  trx: {
    roots: ['TestRun'],
    test: 'UnitTestResult',
    message: 'Message',
    suite: null,
    read({ testName = '', outcome = '', duration = '', resultType }) {
      // One of several rows is a result of its own, inside.
      if (resultType === 'DataDrivenTest') return null;
      const [suite, name] = inLastPart(testName);
      return { suite, name, outcome: TRX[outcome] ?? 'skipped', seconds: secondsOf(duration) };
    },
  },
};

const NUNIT: Readonly<Record<string, FoundTest['outcome']>> = {
  passed: 'success',
  success: 'success',
  warning: 'success',
  failed: 'failed',
  failure: 'failed',
  error: 'error',
};

const TRX: Readonly<Record<string, FoundTest['outcome']>> = {
  Passed: 'success',
  Completed: 'success',
  Warning: 'success',
  Failed: 'failed',
  Error: 'error',
  Timeout: 'error',
  Aborted: 'error',
  PassedButRunAborted: 'error',
};

/** `Name.Space.Class.Method(1.5)` in its class and its method. */
function inLastPart(full: string): readonly [string, string] {
  const end = full.search(/[("]/);
  const dot = (end < 0 ? full : full.slice(0, end)).lastIndexOf('.');
  return dot < 0 ? ['', full] : [full.slice(0, dot), full.slice(dot + 1)];
}

/** `00:01:02.5000000` */
function secondsOf(duration: string): number {
  return duration.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
}

const CHUNK = 64 * 1024;
const MAX_NESTING = 256;
const MAX_MESSAGE = 1_000;

/** Tells every test of an XML text when it is over. Answers with the first thing that is wrong; null: nothing. */
export async function readXmlTests(
  text: string,
  dialect: Dialect,
  found: (test: FoundTest) => void,
): Promise<string | null> {
  // CommonJS: the bundle gives its exports only as the default one, Node gives them both ways.
  const { SaxesParser } = (await import('saxes')).default;
  const parser = new SaxesParser();
  /** Tests inside each other: rows of a test that has several. null: an element that is no test of its own. */
  const open: (Omit<FoundTest, 'message'> | null)[] = [];
  const suites: string[] = [];
  let message = '';
  let inMessage = false;
  let hasRoot = false;
  let nesting = 0;
  let problem: string | null = null;

  parser.on('error', (error) => {
    problem ??= error.message.replace(/\.+$/, '');
  });
  parser.on('opentag', ({ name, attributes }: SaxesTagPlain) => {
    nesting += 1;
    if (nesting > MAX_NESTING) throw new TooDeep();
    if (nesting === 1) hasRoot = dialect.roots.includes(name);
    if (name === dialect.suite) suites.push(attributes.name ?? '');
    else if (name === dialect.test) {
      open.push(dialect.read(attributes));
      message = '';
    } else if (name === dialect.message && open.at(-1) != null) inMessage = message === '';
  });
  const addText = (more: string): void => {
    if (inMessage) message += more.slice(0, MAX_MESSAGE - message.length);
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('closetag', ({ name }: SaxesTagPlain) => {
    nesting -= 1;
    if (name === dialect.suite) suites.pop();
    if (name === dialect.message) inMessage = false;
    if (name !== dialect.test) return;
    const test = open.pop();
    if (test != null) found({ ...test, suite: test.suite || (suites.at(-1) ?? ''), message });
    message = '';
  });
  try {
    for (let from = 0; from < text.length; from += CHUNK) {
      parser.write(text.slice(from, from + CHUNK));
      // Whatever else this thread has to do comes in between.
      await nextTurn();
    }
    parser.close();
  } catch (error) {
    if (!(error instanceof TooDeep)) throw error;
    return `more than ${MAX_NESTING} elements inside each other`;
  }
  return problem ?? (hasRoot ? null : `it has no ${dialect.roots.join(' or ')} element`);
}

class TooDeep extends Error {}
