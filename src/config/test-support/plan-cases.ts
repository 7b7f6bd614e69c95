import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { PipelineContext } from '../context.ts';
import { contextFromJson } from '../context-json.ts';
import { memorySources } from '../gitlab/test-support/memory-sources.ts';
import type { PipelineReading } from '../reading.ts';
import type { Sources } from '../sources.ts';

/**
 * A case of a language: a folder with the files of a repository, and what its pipeline must be.
 *
 *     cloudbuild.yaml, slipway.yml, …   the repository; the first that has one of the language's names is read
 *     context.json                      what the pipeline is for, as `contextFromJson` takes it; may be left out
 *     expect.json                       see `Expected`
 */
export interface PlanCase {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly file: string;
  readonly context: PipelineContext;
  readonly expected: Expected;
}

/** `expect.json`. Problems are all of them, in the order of their lines; of a job only what is given is compared. */
interface Expected {
  readonly valid: boolean;
  readonly problems?: readonly ExpectedProblem[];
  readonly jobs?: Readonly<Record<string, object>>;
  readonly stages?: readonly string[];
  /** `autoCancel.onJobFailure` of the plan. */
  readonly on_job_failure?: 'all' | 'none';
  /** The jobs are those of `jobs`, in this order, and no others. */
  readonly exact_job_set?: boolean;
}

interface ExpectedProblem {
  readonly code: string;
  readonly line: number;
  /** An error unless said otherwise. */
  readonly severity?: 'error' | 'warning';
  /** Any unless it is given. */
  readonly file?: string;
  /** A part of the message. */
  readonly contains?: string;
}

type Read = (request: {
  readonly sources: Sources;
  readonly file: string;
  readonly context: PipelineContext;
}) => Promise<PipelineReading>;

/** The cases of a folder, sorted. `isPipelineFile` knows the names that the language's files have. */
export function planCases(root: string, isPipelineFile: (path: string) => boolean): readonly PlanCase[] {
  return readdirSync(root)
    .sort()
    .map((name) => {
      const files = filesBelow(join(root, name));
      const file = Object.keys(files).find(isPipelineFile);
      if (file === undefined) throw new Error(`${name} has no pipeline file`);
      const { context, problems } = contextFromJson(JSON.parse(files['context.json'] ?? '{}'));
      if (problems.length > 0) throw new Error(`${name}: ${problems[0]?.message}`);
      return { name, files, file, context, expected: expectedOf(files['expect.json'] ?? '', name) };
    });
}

/** Reads the case's file and holds what it comes to against what is expected. */
export async function checkCase(one: PlanCase, read: Read): Promise<void> {
  const { expected, file, context } = one;
  const reading = await read({ sources: memorySources(one.files), file, context });
  const found = reading.problems
    .map(({ code, place, severity, message }) => ({
      code,
      file: place?.file ?? '',
      line: place?.line ?? 0,
      severity,
      message,
    }))
    .toSorted((a, b) => a.line - b.line);
  expect(found).toEqual(
    (expected.problems ?? []).map(
      ({ code, line, severity = 'error', contains = '', file: at = expect.anything() }) => ({
        code,
        file: at,
        line,
        severity,
        message: expect.stringContaining(contains),
      }),
    ),
  );
  expect(reading.plan !== null).toBe(expected.valid);
  const jobs = reading.plan?.jobs ?? [];
  const byName = Object.fromEntries(jobs.map((job) => [job.name, job]));
  if (expected.jobs !== undefined) expect(byName).toMatchObject(expected.jobs);
  if (expected.stages !== undefined) expect(reading.plan?.stages).toEqual(expected.stages);
  if (expected.on_job_failure !== undefined)
    expect(reading.plan?.autoCancel.onJobFailure).toBe(expected.on_job_failure);
  if (expected.exact_job_set === true)
    expect(jobs.map(({ name }) => name)).toEqual(Object.keys(expected.jobs ?? {}));
}

function filesBelow(folder: string): Readonly<Record<string, string>> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const paths = entries.map((entry) => join(entry.parentPath, entry.name)).sort();
  return Object.fromEntries(paths.map((path) => [path.slice(folder.length + 1), readFileSync(path, 'utf8')]));
}

/** A misspelt key would make a case that tests nothing. */
function expectedOf(text: string, name: string): Expected {
  const expected: Expected = JSON.parse(text);
  const known = ['valid', 'problems', 'jobs', 'stages', 'on_job_failure', 'exact_job_set'];
  const odd = Object.keys(expected).find((key) => !known.includes(key));
  if (odd !== undefined || typeof expected.valid !== 'boolean')
    throw new Error(`${name}/expect.json: ${odd ?? 'valid'} is wrong`);
  return expected;
}
