import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { temporaryFolders, writeTree } from '../archive/test-support/temporary-folder.ts';
import { OTHER_TEST_REPORTS, type OtherTestReport, readJoinedTests, readOtherTests } from './other-tests.ts';

const makeFolder = temporaryFolders();

async function read(type: OtherTestReport, text: string) {
  const workspace = await makeFolder();
  await writeTree(workspace, { report: text });
  const warnings: string[] = [];
  const summary = await readOtherTests(
    workspace,
    { [type]: ['report'] },
    { warn: async (message) => void warnings.push(message) },
  );
  return { summary, warnings };
}

const NUNIT_3 = `<?xml version="1.0" encoding="utf-8"?>
<test-run id="2" testcasecount="4" result="Failed" total="4">
  <test-suite type="Assembly" name="Tests.dll"><test-suite type="TestFixture" name="Sums" fullname="Shop.Sums">
    <test-case name="Adds(1,2)" fullname="Shop.Sums.Adds(1,2)" methodname="Adds" classname="Shop.Sums" result="Passed" duration="0.25" />
    <test-case name="Divides" fullname="Shop.Sums.Divides" classname="Shop.Sums" result="Failed" duration="0.5">
      <failure><message><![CDATA[  Expected: 2  But was: 3]]></message><stack-trace>at Shop</stack-trace></failure></test-case>
    <test-case name="Breaks" fullname="Shop.Sums.Breaks" classname="Shop.Sums" result="Failed" label="Error" duration="0"><failure><message>boom</message></failure></test-case>
    <test-case name="Later" fullname="Shop.Sums.Later" classname="Shop.Sums" result="Skipped"><reason><message>not yet</message></reason></test-case>
  </test-suite></test-suite></test-run>`;

const NUNIT_2 = `<test-results name="t" total="3"><test-suite><results>
  <test-case name="Shop.Sums.Adds" executed="True" result="Success" success="True" time="1.5" />
  <test-case name="Shop.Sums.Fails" executed="True" success="False" time="0.5"><failure><message>no</message></failure></test-case>
  <test-case name="Shop.Sums.Later" executed="False" result="Ignored" /></results></test-suite></test-results>`;

const TESTNG = `<testng-results skipped="1" failed="1" passed="1"><suite name="all"><test name="unit"><class name="shop.CartTest">
  <test-method status="PASS" signature="setUp()" name="setUp" is-config="true" duration-ms="90" />
  <test-method status="PASS" name="isEmpty" duration-ms="1500" />
  <test-method status="FAIL" name="adds" duration-ms="500"><exception class="java.lang.AssertionError"><message><![CDATA[
      expected 1 ]]></message><full-stacktrace>at x</full-stacktrace></exception></test-method>
  <test-method status="SKIP" name="later" duration-ms="0" /></class></test></suite></testng-results>`;

const TRX = `<?xml version="1.0"?><TestRun id="1" xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010"><Results>
  <UnitTestResult testName="Shop.Sums.Adds" outcome="Passed" duration="00:00:01.2500000" />
  <UnitTestResult testName="Shop.Sums.Rows" outcome="Failed" resultType="DataDrivenTest" duration="00:00:03"><InnerResults>
    <UnitTestResult testName="Shop.Sums.Rows (Data Row 0)" outcome="Passed" resultType="DataDrivenDataRow" duration="00:00:01" />
    <UnitTestResult testName="Shop.Sums.Rows (Data Row 1)" outcome="Failed" duration="00:00:02"><Output><ErrorInfo><Message>Assert failed</Message><StackTrace>x</StackTrace></ErrorInfo></Output></UnitTestResult>
  </InnerResults></UnitTestResult>
  <UnitTestResult testName="Shop.Sums.Slow" outcome="Timeout" duration="00:01:00" />
  <UnitTestResult testName="Shop.Sums.Later" outcome="NotExecuted" /></Results></TestRun>`;

const CUCUMBER = JSON.stringify([
  {
    name: 'Cart',
    elements: [
      { type: 'background', name: '', steps: [{ result: { status: 'failed' } }] },
      { type: 'scenario', name: 'empty', steps: [{ result: { status: 'passed', duration: 1_500_000_000 } }] },
      {
        type: 'scenario',
        name: 'adds',
        before: [{ result: { status: 'passed', duration: 500_000_000 } }],
        steps: [
          { result: { status: 'failed', duration: 0, error_message: 'expected 1' } },
          { result: { status: 'skipped' } },
        ],
      },
      { type: 'scenario', name: 'unknown', steps: [{ result: { status: 'undefined' } }] },
      { type: 'scenario', name: 'later', steps: [{ result: { status: 'pending' } }] },
    ],
  },
]);

describe('reports of', () => {
  test.each([
    {
      what: 'NUnit 3',
      type: 'nunit',
      text: NUNIT_3,
      counts: { total: 4, failed: 1, errored: 1, skipped: 1, seconds: 0.75 },
      failures: [
        { suite: 'Shop.Sums', name: 'Divides', message: 'Expected: 2  But was: 3' },
        { suite: 'Shop.Sums', name: 'Breaks', message: 'boom' },
      ],
    },
    {
      what: 'NUnit 2',
      type: 'nunit',
      text: NUNIT_2,
      counts: { total: 3, failed: 1, errored: 0, skipped: 1, seconds: 2 },
      failures: [{ suite: 'Shop.Sums', name: 'Fails', message: 'no' }],
    },
    {
      what: 'TestNG',
      type: 'testng',
      text: TESTNG,
      counts: { total: 3, failed: 1, errored: 0, skipped: 1, seconds: 2 },
      failures: [{ suite: 'shop.CartTest', name: 'adds', message: 'expected 1' }],
    },
    {
      what: 'Visual Studio',
      type: 'trx',
      text: TRX,
      counts: { total: 5, failed: 1, errored: 1, skipped: 1, seconds: 64.25 },
      failures: [
        { suite: 'Shop.Sums', name: 'Rows (Data Row 1)', message: 'Assert failed' },
        { suite: 'Shop.Sums', name: 'Slow', message: '' },
      ],
    },
    {
      what: 'Cucumber',
      type: 'cucumber',
      text: CUCUMBER,
      counts: { total: 4, failed: 2, errored: 0, skipped: 1, seconds: 2 },
      failures: [
        { suite: 'Cart', name: 'adds', message: 'expected 1' },
        { suite: 'Cart', name: 'unknown', message: 'undefined' },
      ],
    },
  ] as const)('$what are counted', async ({ type, text, counts, failures }) => {
    const { summary, warnings } = await read(type, text);
    expect(warnings).toEqual([]);
    expect(summary).toEqual({ ...counts, failures });
  });
});

test.each([
  { type: 'trx', text: '', problem: 'it is empty' },
  { type: 'trx', text: NUNIT_3, problem: 'it has no TestRun element' },
  { type: 'nunit', text: NUNIT_3.slice(0, 400), problem: 'unclosed tag' },
  { type: 'nunit', text: '<a>'.repeat(1000), problem: 'more than 256 elements inside each other' },
  { type: 'cucumber', text: '[{', problem: 'it is no JSON' },
  { type: 'cucumber', text: '{}', problem: 'it is no list of features' },
] as const)('a file that is no report is told: $problem', async ({ type, text, problem }) => {
  const { warnings } = await read(type, text);
  expect(warnings).toEqual([expect.stringContaining(problem)]);
});

test('entities of a document type are not expanded', async () => {
  const bomb = `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><test-run><test-case name="&b;" result="Passed"/></test-run>`;
  const { summary, warnings } = await read('nunit', bomb);
  expect(summary?.total).toBe(1);
  expect(warnings).toHaveLength(1);
});

test('whatever a file holds, it is read to an end', async () => {
  const words = [
    '<test-run>',
    '<test-case result="Failed">',
    '</test-case>',
    '<message>',
    '</message>',
    '<UnitTestResult>',
    '[',
    '{"elements":',
    '"x"',
    ']',
    '}',
    '&',
    '<![CDATA[',
  ];
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...OTHER_TEST_REPORTS),
      fc.array(fc.oneof(fc.constantFrom(...words), fc.string())),
      async (type, parts) => {
        const { summary } = await read(type, parts.join(''));
        expect(summary).not.toBeNull();
      },
    ),
    { numRuns: 100 },
  );
});

test('without such files there is no summary', async () => {
  const workspace = await makeFolder();
  expect(await readOtherTests(workspace, { trx: ['*.trx'] }, { warn: async () => undefined })).toBeNull();
});

test.each([
  ['nunit', [NUNIT_3, NUNIT_2, NUNIT_3], 11],
  ['nunit', [NUNIT_2, NUNIT_2], 6],
  ['testng', [TESTNG, TESTNG], 6],
  ['trx', [TRX, TRX], 10],
  ['cucumber', [CUCUMBER, '\n[]', '[{"name": "]", "elements": [{"name": "a \\" ]["}]}]'], 5],
] as const)('joined files of the format %s are told apart', async (type, files, total) => {
  let tests = 0;
  const problem = await readJoinedTests(type, files.join(''), () => {
    tests += 1;
  });
  expect({ problem, tests }).toEqual({ problem: null, tests: total });
});

test.each([
  ['trx', '', 'it is empty'],
  ['cucumber', '[', 'it is no JSON'],
  ['cucumber', ']'.repeat(100_000), 'it is no JSON'],
  ['nunit', `${NUNIT_2}<x/>`, 'it has no test-run or test-results element'],
] as const)('joined files of the format %s that are wrong are told', async (type, text, problem) => {
  expect(await readJoinedTests(type, text, () => undefined)).toBe(problem);
});
