import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startVitest, type TestCase } from 'vitest/node';

/**
 * `make test`: first what the end-to-end tests need, then the unit tests, then the end-to-end tests, and a closing
 * summary in which every test that did not run stands with its reason. Arguments choose suites: `unit`, `e2e`.
 */
const root = join(import.meta.dirname, '..');
const suites = process.argv.length > 2 ? process.argv.slice(2) : ['unit', 'e2e'];

interface Tally {
  passed: number;
  failed: number;
  readonly failures: string[];
  readonly skipped: string[];
}

const missing = suites.includes('e2e') ? installTools() : [];
const tally: Tally = { passed: 0, failed: 0, failures: [], skipped: [] };
for (const suite of suites) await runSuite(suite, tally);
summarise(tally, missing);

/** Answers with what could not be had, one `tool: why` each. */
function installTools(): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-test-tools-'));
  try {
    const file = join(folder, 'missing');
    const { status } = spawnSync(join(root, 'tools/install-test-tools.sh'), [file], { stdio: 'inherit' });
    const lines = readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
    return status === 0 ? lines : [...lines, `tools/install-test-tools.sh: ended with exit code ${status}`];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runSuite(suite: string, into: Tally): Promise<void> {
  const vitest = await startVitest('test', [], {
    root,
    project: [suite],
    watch: false,
    passWithNoTests: true,
    reporters: [process.stdout.isTTY ? 'default' : 'dot'],
  });
  for (const module of vitest.state.getTestModules()) {
    for (const test of module.children.allTests()) note(test, suite, module.relativeModuleId, into);
    const broken = [
      ...module.errors(),
      ...[...module.children.allSuites()].flatMap((child) => child.errors()),
    ];
    for (const error of broken) fail(into, `${suite}: ${module.relativeModuleId}: ${error.message}`);
  }
  for (const error of vitest.state.getUnhandledErrors()) {
    fail(into, `${suite}: unhandled: ${error instanceof Error ? error.message : String(error)}`);
  }
  await vitest.close();
}

function note(test: TestCase, suite: string, file: string, into: Tally): void {
  const result = test.result();
  const name = `${suite}: ${file}: ${test.fullName}`;
  if (result.state === 'passed') into.passed++;
  else if (result.state === 'skipped') into.skipped.push(`${name}: ${result.note ?? 'no reason given'}`);
  else fail(into, name);
}

function fail(into: Tally, what: string): void {
  into.failed++;
  into.failures.push(what);
}

/** The last line stands alone and counts; programs read it. */
function summarise({ passed, failed, failures, skipped }: Tally, missing: readonly string[]): void {
  section('Tools that could not be had', missing);
  section('Tests that did NOT run', skipped);
  section('Tests that failed', failures);
  process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
}

function section(title: string, lines: readonly string[]): void {
  if (lines.length === 0) return;
  process.stdout.write(
    `\n==== ${title} (${lines.length}) ====\n${lines.map((line) => `  ${line}\n`).join('')}`,
  );
}
