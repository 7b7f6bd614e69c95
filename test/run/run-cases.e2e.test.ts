import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type CaseReport, type Expectation, runCase } from './run-case.ts';

const cases = join(import.meta.dirname, 'cases');

describe('slipway run', { concurrent: true }, () => {
  for (const name of readdirSync(cases)) {
    test(name, async () => {
      const folder = join(cases, name);
      const expectation = JSON.parse(readFileSync(join(folder, 'expect.json'), 'utf8')) as Expectation;
      check(expectation, await runCase(folder, expectation));
    });
  }
});

function check(expected: Expectation, report: CaseReport): void {
  const last = Object.fromEntries(report.changes.map(({ job, status }) => [job, status]));
  const context = `exit code ${report.exitCode}\n${report.stderr}\n${JSON.stringify(report.logs, null, 2)}`;
  // A job that never left `created` has no change to show.
  const jobs = Object.fromEntries(Object.entries(expected.jobs).filter(([, status]) => status !== 'created'));
  if (expected.exactly) expect(last, context).toEqual(jobs);
  else expect(last, context).toMatchObject(jobs);
  for (const [job, status] of Object.entries(expected.jobs))
    if (status === 'created') expect(last[job]).toBeUndefined();
  expect(report.exitCode, context).toBe(expected.exit);
  if (expected.status !== undefined) expect(report.status).toBe(expected.status);

  checkFailures(expected, report);
  checkTexts(expected, report);
  checkOrder(expected, report);
  if (expected.treeUnchanged) expect(report.treeAfter).toBe(report.treeBefore);
  for (const path of expected.absent ?? []) expect(existsSync(path), path).toBe(false);
  for (const path of expected.present ?? []) expect(existsSync(path), path).toBe(true);
}

function checkFailures(expected: Expectation, { changes }: CaseReport): void {
  for (const [job, attempts] of Object.entries(expected.attempts ?? {})) {
    expect(
      Math.max(...changes.filter((change) => change.job === job).map(({ attempt }) => attempt)),
      job,
    ).toBe(attempts);
  }
  const failures = new Map(changes.flatMap(({ job, failure }) => (failure === null ? [] : [[job, failure]])));
  for (const [job, reason] of Object.entries(expected.reasons ?? {}))
    expect(failures.get(job)?.reason).toBe(reason);
  for (const [job, text] of Object.entries(expected.failureText ?? {}))
    expect(failures.get(job)?.message).toContain(text);
}

function checkTexts(expected: Expectation, { logs, stderr, printed, notices }: CaseReport): void {
  for (const [job, texts] of Object.entries(expected.log ?? {}))
    for (const text of texts) expect(logs[job], job).toContain(text);
  for (const [job, texts] of Object.entries(expected.notInLog ?? {})) {
    for (const text of texts) expect(logs[job], job).not.toContain(text);
  }
  for (const text of expected.stderr ?? []) expect(stderr).toContain(text);
  for (const text of expected.printed ?? []) expect(printed).toContain(text);
  if (expected.notices !== undefined) expect(notices).toEqual(expected.notices);
  for (const text of expected.nowhere ?? []) expect(printed + stderr).not.toContain(text);
}

function checkOrder(expected: Expectation, { changes }: CaseReport): void {
  const at = (job: string, status: string) =>
    changes.findIndex((change) => change.job === job && change.status === status);
  for (const [earlier, later] of expected.order ?? []) {
    expect(at(earlier, 'success'), `${earlier} before ${later}`).toBeLessThan(at(later, 'success'));
  }
  for (const [job, statuses] of Object.entries(expected.passedThrough ?? {})) {
    expect(
      changes.filter((change) => change.job === job).map(({ status }) => status),
      job,
    ).toEqual(expect.arrayContaining([...statuses]));
  }
  for (const group of expected.neverTogether ?? []) {
    const running = new Set<string>();
    for (const { job, status } of changes) {
      if (!group.includes(job)) continue;
      if (status === 'running') running.add(job);
      else running.delete(job);
      expect(running.size, [...running].join(' and ')).toBeLessThanOrEqual(1);
    }
  }
}
