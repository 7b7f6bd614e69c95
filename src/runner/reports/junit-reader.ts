import type { SaxesAttributePlain, SaxesTagPlain } from 'saxes';
import type { TestSummary } from '../job-result.ts';

/** Adds up JUnit files, one after another. */
export interface JunitReader {
  startFile(): JunitFile;
  summary(): TestSummary;
}

export interface JunitFile {
  /** False: no use in going on. */
  write(text: string): boolean;
  /** Whether its root element has been read to its end. */
  isOver(): boolean;
  /** The first thing that was wrong with the file, without a full stop; null when nothing was. */
  end(): string | null;
}

/** A case as its file has it, once it is over. */
export interface JunitCase {
  /** The name of the innermost suite that has one; empty when none has. */
  readonly suite: string;
  readonly className: string;
  readonly name: string;
  readonly file: string | null;
  readonly seconds: number;
  readonly outcome: 'success' | 'failed' | 'error' | 'skipped';
  /** Of a failure or an error: its message, and its text, as far as it is kept. */
  readonly message: string;
  readonly text: string;
  /** The tool says that it has failed and passed: Surefire's `flakyFailure` and `flakyError`. */
  readonly isFlaky: boolean;
}

const MAX_FAILURES = 20;
const MAX_MESSAGE = 1_000;
/** Far more than any tool writes, and few enough that a hostile file cannot fill the memory. */
const MAX_NESTING = 256;
const MAX_ATTRIBUTES = 256;
/** Of one text or attribute, which the parser keeps whole until its end; no tool's output for one case is as long. */
const MAX_TOKEN = 16 * 1024 * 1024;

interface Tally {
  total: number;
  failed: number;
  errored: number;
  skipped: number;
  seconds: number;
  readonly failures: { readonly suite: string; readonly name: string; readonly message: string }[];
}

interface TestCase {
  readonly suite: string;
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** The name of the innermost suite that has one. */
  readonly innermost: string;
  isFlaky: boolean;
  readonly outcomes: Set<string>;
  message: string;
  text: string;
}

/**
 * There is no standard; what all dialects (pytest, Jest, gotestsum, Surefire, PHPUnit, …) share is `testcase` elements,
 * in suites nested to any depth, with `failure`, `error` or `skipped` inside. Only those are counted: the totals that
 * suites carry count nested suites twice in some dialects and not at all in others. When a case has several of the
 * three, the first in that order is its outcome, as for GitLab. Surefire's `flakyFailure` and `rerunFailure` are
 * neither: such a case is what its last run was.
 *
 * The parser (saxes) neither loads nor expands entities of a document type.
 *
 * @param onCase called with each case when it is over; with `maxText` characters of its failure at most.
 */
export async function createJunitReader({
  onCase,
  maxText = MAX_MESSAGE,
}: {
  readonly onCase?: (testCase: JunitCase) => void;
  readonly maxText?: number;
} = {}): Promise<JunitReader> {
  // CommonJS: the bundle gives its exports only as the default one, Node gives them both ways.
  const { SaxesParser } = (await import('saxes')).default;
  const tally: Tally = { total: 0, failed: 0, errored: 0, skipped: 0, seconds: 0, failures: [] };

  function startFile(): JunitFile {
    const parser = new SaxesParser();
    const suites: string[] = [];
    let current: TestCase | null = null;
    let inOutcome = false;
    let nesting = 0;
    let attributes = 0;
    /** Characters since the parser last found the end of something. */
    let unfinished = 0;
    let problem: string | null = null;
    let isHopeless = false;
    let hasRoot = false;
    let isOver = false;

    function giveUp(reason: string): void {
      problem ??= reason;
      isHopeless = true;
    }

    parser.on('error', (error) => {
      problem ??= error.message.replace(/\.+$/, '');
    });
    const finish = (): void => {
      unfinished = 0;
    };
    parser.on('comment', finish);
    parser.on('processinginstruction', finish);
    parser.on('doctype', finish);
    parser.on('opentagstart', () => {
      finish();
      attributes = 0;
      nesting += 1;
      if (nesting > MAX_NESTING) giveUp(`more than ${MAX_NESTING} elements inside each other`);
    });
    parser.on('attribute', (_attribute: SaxesAttributePlain) => {
      finish();
      attributes += 1;
      if (attributes > MAX_ATTRIBUTES) giveUp(`an element with more than ${MAX_ATTRIBUTES} attributes`);
    });
    parser.on('opentag', (tag: SaxesTagPlain) => {
      if (tag.name === 'testsuites' || tag.name === 'testsuite') hasRoot = true;
      if (tag.name === 'testsuite') suites.push(tag.attributes.name ?? '');
      else if (tag.name === 'testcase') {
        current = startCase(tag, suites);
        tally.seconds += readSeconds(tag.attributes.time);
      } else if (current !== null && isOutcome(tag.name)) {
        inOutcome = current.outcomes.size === 0 && tag.name !== 'skipped';
        current.outcomes.add(tag.name);
        if (inOutcome) current.message = tag.attributes.message ?? '';
      } else if (current !== null && FLAKY.has(tag.name)) current.isFlaky = true;
    });
    parser.on('text', addText);
    parser.on('cdata', addText);
    parser.on('closetag', (tag: SaxesTagPlain) => {
      finish();
      nesting -= 1;
      isOver = nesting === 0;
      if (tag.name === 'testsuite') suites.pop();
      else if (tag.name === 'testcase' && current !== null) {
        countCase(tally, current);
        onCase?.(caseOf(current));
        current = null;
      } else if (isOutcome(tag.name)) inOutcome = false;
    });

    function addText(text: string): void {
      finish();
      if (!inOutcome || current === null) return;
      current.text += text.slice(0, Math.max(0, maxText - current.text.length));
    }

    return {
      write(text) {
        if (isHopeless) return false;
        unfinished += text.length;
        parser.write(text);
        if (unfinished > MAX_TOKEN) giveUp(`a text or attribute of more than ${MAX_TOKEN} characters`);
        return !isHopeless;
      },
      isOver: () => isOver,
      end() {
        if (!isHopeless) parser.close();
        return problem ?? (hasRoot ? null : 'it has no testsuite element');
      },
    };
  }

  return { startFile, summary: () => ({ ...tally, failures: [...tally.failures] }) };
}

function isOutcome(name: string): boolean {
  return name === 'failure' || name === 'error' || name === 'skipped';
}

function startCase(tag: SaxesTagPlain, suites: readonly string[]): TestCase {
  const { name = '', classname = '', file = '' } = tag.attributes;
  const innermost = suites.findLast((suite) => suite !== '') ?? '';
  return {
    suite: innermost || classname || file,
    name: name || classname,
    attributes: tag.attributes,
    innermost,
    isFlaky: false,
    outcomes: new Set(),
    message: '',
    text: '',
  };
}

const FLAKY: ReadonlySet<string> = new Set(['flakyFailure', 'flakyError']);

function caseOf({ attributes, innermost, name, outcomes, message, text, isFlaky }: TestCase): JunitCase {
  const { classname = '', file = '' } = attributes;
  return {
    suite: innermost,
    className: classname,
    name,
    file: file === '' ? null : file,
    seconds: readSeconds(attributes.time),
    outcome: outcomes.has('failure')
      ? 'failed'
      : outcomes.has('error')
        ? 'error'
        : outcomes.has('skipped')
          ? 'skipped'
          : 'success',
    message: message.slice(0, MAX_MESSAGE).trim(),
    text: text.trim(),
    isFlaky,
  };
}

function countCase(tally: Tally, { suite, name, outcomes, message, text }: TestCase): void {
  tally.total += 1;
  if (outcomes.has('failure')) tally.failed += 1;
  else if (outcomes.has('error')) tally.errored += 1;
  else {
    if (outcomes.has('skipped')) tally.skipped += 1;
    return;
  }
  if (tally.failures.length >= MAX_FAILURES) return;
  const shown = (message.trim() || text.trim()).slice(0, MAX_MESSAGE);
  tally.failures.push({ suite, name, message: shown });
}

/** `1.25`; Surefire writes `1,234.5` for a long one, and some locales `0,25`. */
function readSeconds(text: string | undefined): number {
  if (text === undefined) return 0;
  const seconds = Number(text.includes('.') ? text.replaceAll(',', '') : text.replace(',', '.'));
  return Number.isFinite(seconds) && seconds > 0 ? seconds : 0;
}
