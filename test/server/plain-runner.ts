import { Agent, request } from 'node:http';
import { crc32 } from 'node:zlib';

/** A runner that does nothing with a job but say that it is done: what is left is the server's work. */
export interface PlainRunner {
  /** The next job; null: none now. */
  take(): Promise<PlainJob | null>;
  /** Sends a log and the job's end. */
  finish(job: PlainJob, log: string, how?: Readonly<Record<string, unknown>>): Promise<number>;
  call(
    method: string,
    path: string,
    body: Buffer | object,
    headers?: Record<string, string>,
  ): Promise<PlainAnswer>;
  close(): void;
}

export interface PlainJob {
  readonly id: number;
  readonly token: string;
  readonly name: string;
  readonly pipelineId: number;
}

export interface PlainAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly json: Readonly<Record<string, unknown>>;
}

export function plainRunner(address: () => string, token: string, system = 's_plain'): PlainRunner {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let lastUpdate = '';

  function call(
    method: string,
    path: string,
    body: Buffer | object,
    headers: Record<string, string> = {},
  ): Promise<PlainAnswer> {
    const isLog = Buffer.isBuffer(body);
    const bytes = isLog ? body : Buffer.from(JSON.stringify(body));
    return new Promise((resolve, reject) => {
      const asked = request(
        `${address()}/api/v4${path}`,
        {
          method,
          agent,
          headers: {
            'Content-Type': isLog ? 'text/plain' : 'application/json',
            'Content-Length': bytes.length,
            ...headers,
          },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString();
            const json: Record<string, unknown> = text.startsWith('{') ? JSON.parse(text) : {};
            resolve({ status: response.statusCode ?? 0, headers: response.headers, json });
          });
        },
      );
      asked.on('error', reject);
      asked.end(bytes);
    });
  }

  return {
    call,
    async take() {
      const answer = await call('POST', '/jobs/request', {
        token,
        system_id: system,
        last_update: lastUpdate,
        info: { name: 'plain', features: FEATURES },
      });
      if (answer.status === 204) {
        lastUpdate = String(answer.headers['x-gitlab-last-update'] ?? '');
        return null;
      }
      if (answer.status !== 201) throw new Error(`jobs/request answered ${answer.status}`);
      lastUpdate = '';
      const info = Object(answer.json.job_info);
      return {
        id: Number(answer.json.id),
        token: String(answer.json.token),
        name: String(info.name),
        pipelineId: Number(info.pipeline_id),
      };
    },
    async finish(job, log, how = { state: 'success' }) {
      const bytes = Buffer.from(log);
      if (bytes.length > 0) {
        await call('PATCH', `/jobs/${job.id}/trace`, bytes, {
          'JOB-TOKEN': job.token,
          'Content-Range': `0-${bytes.length - 1}`,
        });
      }
      const checksum = `crc32:${crc32(bytes).toString(16).padStart(8, '0')}`;
      const output = { bytesize: bytes.length, checksum };
      return (await call('PUT', `/jobs/${job.id}`, { token: job.token, output, ...how })).status;
    },
    close: () => agent.destroy(),
  };
}

const FEATURES = {
  variables: true,
  artifacts: true,
  cache: true,
  return_exit_code: true,
  trace_checksum: true,
};
