import { describe, expect, test } from 'vitest';
import type { Json } from '../../pipeline/index.ts';
import { describePipeline } from './describe.ts';
import { readPipeline } from './read-pipeline.ts';
import { caseContext, caseExpectation, caseNames, caseSources } from './test-support/cases.ts';

/**
 * Every folder of cases/ is a small repository and what its pipeline must be. Below 900, and from 1000 to 1399,
 * the expectations were confirmed by GitLab's own code; from 900 on they follow its documentation. `quirk` marks what is faithful but odd.
 */
describe.each(caseNames())('%s', (name) => {
  const expected = fields(caseExpectation(name));

  test(expected.valid === true ? 'is as expected' : 'is refused', async () => {
    const described = await describeCase(name);
    if (expected.valid !== true) {
      expect(described.pipeline).toBe('invalid');
      expect(messages(described, 'error').toLowerCase()).toContain(
        text(expected.error_contains).toLowerCase(),
      );
      return;
    }
    expect(messages(described, 'error')).toBe('');
    expect(described.pipeline).toBe(expected.pipeline);
    checkJobs(fields(described.jobs), expected);
    for (const key of ['stages', 'variables', 'workflow_name', 'auto_cancel']) {
      const wanted = expected[key];
      if (wanted !== undefined) expect({ [key]: described[key] ?? null }).toMatchObject({ [key]: wanted });
    }
    if (expected.warning_contains !== undefined) {
      expect(messages(described, 'warning')).toContain(text(expected.warning_contains));
    }
  });
});

function checkJobs(jobs: Fields, expected: Fields): void {
  const wanted = fields(expected.jobs ?? {});
  if (expected.exact_job_set === true) expect(Object.keys(jobs).sort()).toEqual(Object.keys(wanted).sort());
  for (const absent of list(expected.absent)) expect(jobs).not.toHaveProperty([text(absent)]);
  for (const [name, attributes] of Object.entries(wanted)) {
    const job = fields(jobs[name] ?? null);
    for (const [attribute, value] of Object.entries(fields(attributes))) {
      if (attribute.endsWith('_exact'))
        expect({ [name]: job[attribute.slice(0, -6)] }).toEqual({ [name]: value });
      else
        expect({ [name]: { [attribute]: job[attribute] ?? null } }).toMatchObject({
          [name]: { [attribute]: value },
        });
    }
  }
}

async function describeCase(name: string): Promise<Fields> {
  const sources = caseSources(name);
  return fields(
    describePipeline(await readPipeline({ sources, file: '.gitlab-ci.yml', context: caseContext(name) })),
  );
}

type Fields = Readonly<Record<string, Json>>;

function fields(json: Json | undefined): Fields {
  if (typeof json !== 'object' || json === null || isList(json))
    throw new Error(`no object: ${JSON.stringify(json)}`);
  return json;
}

function list(json: Json | undefined): readonly Json[] {
  return json !== undefined && isList(json) ? json : [];
}

function isList(json: Json): json is readonly Json[] {
  return Array.isArray(json);
}

function text(json: Json | undefined): string {
  if (typeof json !== 'string') throw new Error(`no text: ${JSON.stringify(json)}`);
  return json;
}

function messages(described: Fields, severity: string): string {
  const problems = list(described.problems).map(fields);
  return problems
    .filter((problem) => problem.severity === severity)
    .map((problem) => text(problem.message))
    .join('\n');
}
