import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Tree, temporaryFolders, writeTree } from '../archive/test-support/temporary-folder.ts';
import type { TestSummary } from '../job-result.ts';
import { readJunitReports } from './junit-report.ts';

const makeFolder = temporaryFolders();

async function read(tree: Tree, maxBytes?: number) {
  const workspace = await makeFolder();
  await writeTree(workspace, tree);
  const warnings: string[] = [];
  const summary = await readJunitReports(workspace, ['**/*.xml'], {
    warn: (message) => void warnings.push(message),
    ...(maxBytes === undefined ? {} : { maxBytes }),
  });
  return { summary, warnings };
}

function counts(summary: TestSummary | null) {
  if (summary === null) return null;
  const { total, failed, errored, skipped, seconds } = summary;
  return { total, failed, errored, skipped, seconds: Math.round(seconds * 1_000) / 1_000 };
}

describe('the dialects of', () => {
  test('pytest', async () => {
    const { summary, warnings } = await read({
      'r.xml': `<?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests"><testsuite name="pytest" errors="1" failures="1" skipped="1" tests="4" time="0.084" timestamp="2026-01-01T00:00:00.0" hostname="h">
        <testcase classname="tests.test_api" name="test_ok[8-21]" time="0.001" />
        <testcase classname="tests.test_api" name="test_bad" time="0.002"><failure message="assert 1 == 2&#10; +  where 1 = f(&quot;x&quot;)">def test_bad():
&gt;       assert 1 == 2
E       assert 1 == 2</failure></testcase>
        <testcase classname="tests.test_api" name="test_skip" time="0.000"><skipped type="pytest.skip" message="later">tests/test_api.py:9: later</skipped></testcase>
        <testcase classname="tests.test_api" name="test_setup" time="0.003"><error message="failed on setup with &quot;boom&quot;">trace</error></testcase>
        </testsuite></testsuites>`,
    });
    expect(counts(summary)).toEqual({ total: 4, failed: 1, errored: 1, skipped: 1, seconds: 0.006 });
    expect(summary?.failures).toEqual([
      { suite: 'pytest', name: 'test_bad', message: 'assert 1 == 2\n +  where 1 = f("x")' },
      { suite: 'pytest', name: 'test_setup', message: 'failed on setup with "boom"' },
    ]);
    expect(warnings).toEqual([]);
  });

  test('Jest, with colours that XML does not allow', async () => {
    const { summary, warnings } = await read({
      'r.xml': `<?xml version="1.0" encoding="UTF-8"?>
        <testsuites name="jest tests" tests="3" failures="1" errors="0" time="1.5">
        <testsuite name="math" errors="0" failures="1" skipped="1" timestamp="x" time="1.1" tests="3">
          <testcase classname="math adds" name="math adds" time="0.005"></testcase>
          <testcase classname="math divides" name="math divides" time="0.25"><failure>Error: expect(received)\u001b[2m.\u001b[22mtoBe
    at Object.&lt;anonymous&gt; (math.test.js:4:7)</failure></testcase>
          <testcase classname="math waits" name="math waits" time="0"><skipped/></testcase>
        </testsuite></testsuites>`,
    });
    expect(counts(summary)).toEqual({ total: 3, failed: 1, errored: 0, skipped: 1, seconds: 0.255 });
    expect(summary?.failures[0]?.message).toContain('at Object.<anonymous> (math.test.js:4:7)');
    expect(warnings).toEqual([expect.stringContaining('r.xml is not a well-formed JUnit report')]);
  });

  test('gotestsum', async () => {
    const { summary } = await read({
      'r.xml': `<?xml version="1.0" encoding="UTF-8"?>
        <testsuites tests="3" failures="1" errors="0" time="0.7">
          <testsuite tests="3" failures="1" time="0.012000" name="example.com/api" timestamp="2026-01-01T00:00:00Z">
            <properties><property name="go.version" value="go1.24"></property></properties>
            <testcase classname="example.com/api" name="TestA" time="0.000000"></testcase>
            <testcase classname="example.com/api" name="TestB/sub" time="0.010000"><failure message="Failed" type="">=== RUN   TestB/sub&#xA;    b_test.go:9: no</failure></testcase>
            <testcase classname="example.com/api" name="TestC" time="0.002000"><skipped message="=== RUN   TestC"></skipped></testcase>
          </testsuite></testsuites>`,
    });
    expect(counts(summary)).toEqual({ total: 3, failed: 1, errored: 0, skipped: 1, seconds: 0.012 });
  });

  test('Surefire: a suite as the root, reruns, output, thousands in times, one file a class', async () => {
    const { summary } = await read({
      'target/TEST-a.xml': `<testsuite xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" name="com.example.ATest" time="1,234.5" tests="3" errors="0" skipped="0" failures="1">
          <properties><property name="java.home" value="/opt"/></properties>
          <testcase name="flaky" classname="com.example.ATest" time="1,234.5"><flakyFailure message="no" type="X"><stackTrace><![CDATA[at x]]></stackTrace></flakyFailure></testcase>
          <testcase name="fails" classname="com.example.ATest" time="0.5"><failure message="expected: &lt;1&gt;" type="org.opentest4j.AssertionFailedError"><![CDATA[org.opentest4j: at x]]></failure><rerunFailure message="again" type="X"/><system-out><![CDATA[<failure/> is only text]]></system-out></testcase>
          <testcase name="ok" classname="com.example.ATest" time="0"/>
        </testsuite>`,
      'target/TEST-b.xml': `<testsuite name="com.example.BTest" tests="1"><testcase name="ok" classname="com.example.BTest" time="0,25"/></testsuite>`,
    });
    expect(counts(summary)).toEqual({ total: 4, failed: 1, errored: 0, skipped: 0, seconds: 1_235.25 });
    expect(summary?.failures).toEqual([
      { suite: 'com.example.ATest', name: 'fails', message: 'expected: <1>' },
    ]);
  });

  test('PHPUnit: suites inside suites, each counted once', async () => {
    const { summary } = await read({
      'r.xml': `<testsuites><testsuite name="" tests="2" failures="1"><testsuite name="Unit" tests="2"><testsuite name="Tests\\MathTest" tests="2">
          <testcase name="testA" class="Tests\\MathTest" classname="Tests.MathTest" file="/t/MathTest.php" line="9" time="0.1"/>
          <testcase name="testB" classname="Tests.MathTest" time="0.2"><failure type="X">text only</failure></testcase>
        </testsuite></testsuite></testsuite></testsuites>`,
    });
    expect(counts(summary)).toEqual({ total: 2, failed: 1, errored: 0, skipped: 0, seconds: 0.3 });
    expect(summary?.failures).toEqual([{ suite: 'Tests\\MathTest', name: 'testB', message: 'text only' }]);
  });
});

describe('a hostile file', () => {
  test('expands no entity, reads no file', async () => {
    const { summary, warnings } = await read({
      'r.xml': `<?xml version="1.0"?><!DOCTYPE t [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;"><!ENTITY x SYSTEM "file:///etc/passwd">]>
        <testsuite name="s"><testcase name="t"><failure>&b; &x;</failure></testcase></testsuite>`,
    });
    expect(counts(summary)).toMatchObject({ total: 1, failed: 1 });
    expect(summary?.failures[0]?.message).not.toMatch(/aaaaa|root:/);
    expect(warnings[0]).toContain('undefined entity');
  });

  test.each<[string, string, string]>([
    ['no XML', 'Traceback: no module', 'r.xml is not a well-formed'],
    ['empty', '', 'it is empty'],
    ['cut off', '<testsuite name="s"><testcase name="a"/><testcase name="b"', 'unclosed tag'],
    ['not JUnit', '<html><body/></html>', 'it has no testsuite element'],
    ['nested without end', '<testsuite>'.repeat(100_000), 'more than 256 elements inside each other'],
    [
      'an element of a million attributes',
      `<testsuite ${Array.from({ length: 100_000 }, (_, n) => `a${n}=""`).join(' ')}/>`,
      'more than 256 attributes',
    ],
    [
      'an attribute without end',
      `<testsuite name="s"><testcase name="${'x'.repeat(17 * 1024 * 1024)}"/></testsuite>`,
      'a text or attribute of more than 16777216 characters',
    ],
  ])('%s: a warning', async (_what, content, warning) => {
    const { summary, warnings } = await read({ 'r.xml': content });
    expect(summary).not.toBeNull();
    expect(warnings.join()).toContain(warning);
    expect(warnings.join()).not.toContain('..');
  });

  test('long output in many pieces is no harm', async () => {
    const output = `<system-out>${'x'.repeat(1024 * 1024)}</system-out>`;
    const { summary, warnings } = await read({
      'r.xml': `<testsuite name="s">${`<testcase name="a">${output}</testcase>`.repeat(20)}</testsuite>`,
    });
    expect([summary?.total, warnings]).toEqual([20, []]);
  });

  test('what comes after the last complete case is not counted', async () => {
    const { summary } = await read({
      'r.xml': '<testsuite name="s"><testcase name="a"/><testcase name="b"><failure>',
    });
    expect(counts(summary)).toMatchObject({ total: 1, failed: 0 });
  });

  test('more bytes than allowed are not read', async () => {
    const report = '<testsuite name="s"><testcase name="a"/></testsuite>';
    const { summary, warnings } = await read({ 'a.xml': report, 'b.xml': report }, report.length + 10);
    expect(summary?.total).toBe(1);
    expect(warnings).toEqual([expect.stringContaining('b.xml was not read')]);
  });

  test('only the first 20 failures are kept, each cut to size', async () => {
    const cases = Array.from(
      { length: 30 },
      (_, n) => `<testcase name="t${n}"><failure>${'x'.repeat(9_000)}</failure></testcase>`,
    );
    const { summary } = await read({ 'r.xml': `<testsuite name="s">${cases.join('')}</testsuite>` });
    expect(summary?.failed).toBe(30);
    expect(summary?.failures.length).toBe(20);
    expect(summary?.failures.every(({ message }) => message.length === 1_000)).toBe(true);
  });
});

test('other encodings than UTF-8 are read as declared', async () => {
  const workspace = await makeFolder();
  const xml = (encoding: string) =>
    `<?xml version="1.0" encoding="${encoding}"?><testsuite name="Prüfung"><testcase name="t"><error message="ä"/></testcase></testsuite>`;
  await writeFile(join(workspace, 'a.xml'), Buffer.from(xml('ISO-8859-1'), 'latin1'));
  await writeFile(join(workspace, 'b.xml'), Buffer.from(`\ufeff${xml('UTF-16')}`, 'utf16le'));
  await writeFile(join(workspace, 'c.xml'), Buffer.from(xml('no-such-encoding')));
  const summary = await readJunitReports(workspace, ['*.xml']);
  expect(summary?.failures).toEqual(
    Array.from({ length: 3 }, () => ({ suite: 'Prüfung', name: 't', message: 'ä' })),
  );
});

test('no file at all is no summary', async () => {
  expect((await read({ 'r.txt': '' })).summary).toBeNull();
});
