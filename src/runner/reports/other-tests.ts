import type { FileHandle } from 'node:fs/promises';
import type { TestSummary } from '../job-result.ts';
import { readCucumber, splitJsonLists } from './cucumber-report.ts';
import { openReportFiles } from './report-files.ts';
import { createTestTally, type FoundTest } from './test-tally.ts';
import { DIALECTS, readXmlTests } from './xml-tests.ts';

/** Formats of tests beside JUnit's, by the types of their reports. GitLab has none of them. */
export const OTHER_TEST_REPORTS = ['cucumber', 'nunit', 'testng', 'trx'] as const;

export type OtherTestReport = (typeof OTHER_TEST_REPORTS)[number];

const MAX_BYTES = 64 * 1024 * 1024;

/**
 * Reads reports that are not JUnit's into one summary; null when there is no such file. A file that is no report of its
 * format is read as far as possible, with a warning; more than 64 MiB of them are not read.
 */
export async function readOtherTests(
  workspace: string,
  paths: Readonly<Partial<Record<OtherTestReport, readonly string[]>>>,
  options: { readonly projectDir?: string; readonly warn: (message: string) => Promise<void> },
): Promise<TestSummary | null> {
  const { warn, ...place } = options;
  const tally = createTestTally();
  let files = 0;
  let bytes = 0;
  for (const type of OTHER_TEST_REPORTS) {
    for await (const { path, handle, size } of openReportFiles({
      workspace,
      paths: paths[type] ?? [],
      ...place,
    })) {
      files += 1;
      bytes += size;
      if (bytes > MAX_BYTES) {
        await warn(`${path} was not read: such reports have more than ${MAX_BYTES} bytes together.`);
        return tally.summary();
      }
      const problem = await readFile(type, handle, size, tally.add);
      if (problem !== null)
        await warn(`${path} is not a well-formed report of the format ${type}: ${problem}.`);
    }
  }
  return files === 0 ? null : tally.summary();
}

async function readFile(
  type: OtherTestReport,
  handle: FileHandle,
  size: number,
  found: (test: FoundTest) => void,
): Promise<string | null> {
  return size === 0 ? 'it is empty' : await readText(type, (await handle.readFile()).toString(), found);
}

/**
 * Tells the tests of files that were joined without anything between them, as runners send them. Answers with the first
 * thing that is wrong with any of them, without a full stop; null: nothing.
 */
export async function readJoinedTests(
  type: OtherTestReport,
  text: string,
  found: (test: FoundTest) => void,
): Promise<string | null> {
  const files = (type === 'cucumber' ? splitJsonLists(text) : text.split(BORDER)).filter(
    (file) => file.trim() !== '',
  );
  if (files.length === 0) return 'it is empty';
  let problem: string | null = null;
  for (const file of files) {
    const wrong = await readText(type, file.trim(), found);
    problem ??= wrong;
  }
  return problem;
}

/** Before a declaration, and behind the end of a root. */
const BORDER = /(?=<\?xml)|(?<=<\/(?:test-run|test-results|testng-results|TestRun)>)/;

async function readText(
  type: OtherTestReport,
  text: string,
  found: (test: FoundTest) => void,
): Promise<string | null> {
  return type === 'cucumber' ? readCucumber(text, found) : await readXmlTests(text, DIALECTS[type], found);
}
