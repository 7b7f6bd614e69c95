import { expect } from 'vitest';
import type { TestedServer } from './running-server.ts';

/** A job that a runner has been given. */
export interface GivenJob {
  readonly id: number;
  readonly token: string;
  readonly name: string;
}

/** Takes the next job, as a runner does. */
export async function takeJob({ ask, runnerToken }: TestedServer): Promise<GivenJob> {
  const { status, json } = await ask('POST', '/jobs/request', {
    token: runnerToken,
    system_id: 's_1',
    info: {
      features: {
        variables: true,
        artifacts: true,
        artifacts_exclude: true,
        upload_multiple_artifacts: true,
        upload_raw_artifacts: true,
        refspecs: true,
        return_exit_code: true,
      },
    },
  });
  expect(status).toBe(201);
  const info = json.job_info;
  const name = typeof info === 'object' && info !== null && 'name' in info ? String(info.name) : '';
  return { id: Number(json.id), token: String(json.token), name };
}

/** Sends something that a job has left. */
export async function upload(
  { server }: TestedServer,
  job: GivenJob,
  file: { readonly type: string; readonly format: string; readonly name: string; readonly bytes: Uint8Array },
): Promise<void> {
  const form = new FormData();
  form.set('file', new Blob([new Uint8Array(file.bytes)]), file.name);
  const query = `artifact_type=${file.type}&artifact_format=${file.format}`;
  const response = await fetch(`${server.address}/api/v4/jobs/${job.id}/artifacts?${query}`, {
    method: 'POST',
    headers: { 'JOB-TOKEN': job.token },
    body: form,
  });
  expect(response.status).toBe(201);
}

/** Says how a job ended. */
export async function finishJob({ ask }: TestedServer, job: GivenJob, how: object): Promise<void> {
  expect(await ask('PUT', `/jobs/${job.id}`, { token: job.token, ...how })).toMatchObject({ status: 200 });
}
