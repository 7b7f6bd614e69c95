import { expect } from 'vitest';
import { latestJobs } from '../../store/index.ts';
import type { TestedServer } from './running-server.ts';

/** A job that a runner of a test has taken. */
export interface GivenJob {
  readonly id: number;
  readonly token: string;
  readonly name: string;
  /** As its runner is told it. */
  readonly wire: Readonly<Record<string, unknown>>;
  /** The variables by their names, the last of each. */
  readonly variables: Readonly<Record<string, string>>;
}

/** The next job that waits, as the test's runner gets it; fails when there is none. `features`: more than most have. */
export async function takeJob(
  tested: TestedServer,
  features: Readonly<Record<string, boolean>> = {},
): Promise<GivenJob> {
  const found: { current: GivenJob | null } = { current: null };
  await expect
    .poll(async () => {
      found.current ??= await takeIfAny(tested, features);
      return found.current !== null;
    }, POLL)
    .toBe(true);
  if (found.current === null) throw new Error('No job waits');
  return found.current;
}

/** Asks until the answer is right, as long as a busy machine may take. */
export function eventually<T>(ask: () => T) {
  return expect.poll(ask, POLL);
}

const POLL = { timeout: 15_000, interval: 20 };

/** null: none waits now. */
export async function takeIfAny(
  { ask, runnerToken }: TestedServer,
  features: Readonly<Record<string, boolean>> = {},
): Promise<GivenJob | null> {
  const { status, json } = await ask('POST', '/jobs/request', {
    token: runnerToken,
    system_id: 's_1',
    info: { features: { ...FEATURES, ...features } },
  });
  if (status === 204) return null;
  expect(status).toBe(201);
  const { job_info: info, variables } = json;
  const name = isRecord(info) ? String(info.name) : '';
  const pairs = Array.isArray(variables) ? variables.filter(isRecord) : [];
  return {
    id: Number(json.id),
    token: String(json.token),
    name,
    wire: json,
    variables: Object.fromEntries(pairs.map(({ key, value }) => [String(key), String(value)])),
  };
}

const FEATURES = {
  variables: true,
  artifacts: true,
  artifacts_exclude: true,
  upload_multiple_artifacts: true,
  upload_raw_artifacts: true,
  refspecs: true,
  return_exit_code: true,
} as const;

/** Sends a part of a job's log. */
export async function writeLog(
  { ask }: TestedServer,
  { id, token }: GivenJob,
  text: string,
  from = 0,
): Promise<void> {
  const headers = { 'JOB-TOKEN': token, 'Content-Range': `${from}-${from + text.length - 1}` };
  expect(await ask('PATCH', `/jobs/${id}/trace`, text, headers)).toMatchObject({ status: 202 });
}

export async function finishJob(
  { ask }: TestedServer,
  { id, token }: GivenJob,
  how: object = { state: 'success' },
): Promise<void> {
  expect(await ask('PUT', `/jobs/${id}`, { token, ...how })).toMatchObject({ status: 200 });
}

/** Sends a file as the job's archive, or as one of its reports. */
export async function uploadArtifact(
  { server }: TestedServer,
  { id, token }: GivenJob,
  file: {
    readonly name: string;
    readonly bytes: Uint8Array<ArrayBuffer>;
    readonly type: string;
    readonly format: string;
  },
): Promise<void> {
  const form = new FormData();
  form.set('file', new Blob([file.bytes]), file.name);
  const query = new URLSearchParams({ artifact_type: file.type, artifact_format: file.format });
  const response = await fetch(`${server.address}/api/v4/jobs/${id}/artifacts?${query}`, {
    method: 'POST',
    headers: { 'JOB-TOKEN': token },
    body: form,
  });
  expect(response.status, await response.text()).toBe(201);
}

/** The statuses of a pipeline's jobs by name. */
export async function statusesOf(
  { server }: TestedServer,
  pipelineId: number,
): Promise<Readonly<Record<string, string>>> {
  const rows = await server.parts.store.read((db) => latestJobs(db, pipelineId));
  return Object.fromEntries(rows.map(({ name, status }) => [name, status]));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
