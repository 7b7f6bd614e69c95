import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JunitCase } from './junit-reader.ts';
import { createJunitStream } from './junit-stream.ts';

async function read(text: string, cuts: readonly number[] = []) {
  const cases: JunitCase[] = [];
  const stream = await createJunitStream({ onCase: (testCase) => cases.push(testCase) });
  const bytes = Buffer.from(text);
  let from = 0;
  for (const cut of [...cuts].map((each) => each % (bytes.length + 1)).sort((a, b) => a - b)) {
    stream.write(bytes.subarray(from, cut));
    from = cut;
  }
  stream.write(bytes.subarray(from));
  return { cases, problem: stream.end() };
}

const names = ({ cases }: Awaited<ReturnType<typeof read>>) =>
  cases.map(({ suite, name, outcome }) => `${suite}/${name} ${outcome}`);

const FILES = `<?xml version="1.0"?>
<testsuites><testsuite name="a"><testcase classname="A" name="1" time="0.5" file="a.test.ts"/></testsuite>
<testsuite name="b"><testcase name="2"><failure message="no">at é &lt;?xml
<![CDATA[<?xml </testsuites>]]></failure></testcase></testsuite></testsuites><?xml version="1.0"?>
<testsuite name="c"><testcase name="3"><skipped/></testcase></testsuite>
\uFEFF<testsuites name="none"/><testsuite name="d"><testcase name="4"><error/></testcase></testsuite>`;

test('files one after the other are each read to their end', async () => {
  const found = await read(FILES);
  expect(names(found)).toEqual(['a/1 success', 'b/2 failed', 'c/3 skipped', 'd/4 error']);
  expect(found.problem).toBeNull();
  expect(found.cases[0]).toMatchObject({ className: 'A', file: 'a.test.ts', seconds: 0.5 });
  expect(found.cases[1]).toMatchObject({
    message: 'no',
    text: expect.stringContaining('<?xml </testsuites>'),
  });
});

test('wherever the bytes are cut', async () => {
  const whole = await read(FILES);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(), { maxLength: 40 }), async (cuts) => {
      expect(await read(FILES, cuts)).toEqual(whole);
    }),
    { numRuns: 50 },
  );
});

test('what is no report is said, and what stands around it is read', async () => {
  const broken = `<?xml version="1.0"?><testsuite name="a"><testcase name="1"/><testcase name="2"`;
  const found = await read(`${broken}<?xml version="1.0"?>${FILES}`);
  expect(found.problem).not.toBeNull();
  expect(names(found)).toContain('a/1 success');
  expect(names(found)).toContain('d/4 error');
  expect((await read('no XML at all')).problem).not.toBeNull();
  expect((await read('<html><body/></html>')).problem).toBe('it has no testsuite element');
});

test('a case that a tool has run again until it passed is flaky', async () => {
  const { cases } = await read(
    '<testsuite name="s"><testcase name="a"><flakyFailure message="x"/></testcase><testcase name="b"/></testsuite>',
  );
  expect(cases.map(({ name, outcome, isFlaky }) => [name, outcome, isFlaky])).toEqual([
    ['a', 'success', true],
    ['b', 'success', false],
  ]);
});
