import { describe, expect, it } from 'vitest';
import { compositeStatus, compositeStatusOfNeeds, markOf, SETTLED, UNSETTLED } from './composite.ts';
import { isCompleted, JOB_STATUSES, type JobStatus } from './status.ts';
import table from './tables/composite_status.json' with { type: 'json' };

describe('the composite status of several jobs', () => {
  const rows = table.map((row) => ({
    name: row.jobs.map(([status, allowed]) => `${status}${allowed ? ' (allowed to fail)' : ''}`).join(' + '),
    marks: row.jobs.reduce(
      (marks, [status, allowed]) => marks | markOf(asStatus(status), allowed === true),
      0,
    ),
    stage: row.stage_or_pipeline,
    needs: row.dag_needs,
  }));

  it('has a table that covers every status', () => {
    expect(rows.length).toBeGreaterThan(800);
    for (const status of JOB_STATUSES) expect(rows.some((row) => row.stage === status)).toBe(true);
  });

  it.each(rows)('is, in a stage or a pipeline, for $name: $stage', ({ marks, stage }) => {
    expect(compositeStatus(marks)).toBe(stage);
  });

  it.each(rows)('is, among needs, for $name: $needs', ({ marks, needs }) => {
    expect(compositeStatusOfNeeds(marks)).toBe(needs);
  });

  it('is a completed one exactly when every job is settled', () => {
    const every = SETTLED | UNSETTLED;
    for (let marks = 1; marks <= every; marks += 1) {
      const status = compositeStatus(marks);
      const settled = (marks & UNSETTLED) === 0;
      if (status === null || isCompleted(status) !== settled) expect.fail(`marks ${marks} give ${status}`);
    }
  });
});

function asStatus(text: string | boolean | undefined): JobStatus {
  const status = JOB_STATUSES.find((known) => known === text);
  if (status === undefined) throw new Error(`The table has a status that is none: ${text}`);
  return status;
}
