import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { type PlainAnswer, type PlainJob, plainRunner } from './plain-runner.ts';

/** What the server has acknowledged to a runner about one job: all of it must be there for ever. */
export interface Acknowledged {
  readonly jobId: number;
  readonly name: string;
  /** The log as far as it was acknowledged. */
  log: Buffer;
  /** Of the archive, once it was. */
  artifactSha256: string | null;
  /** The job's end was. */
  finished: boolean;
  /** The server has told that the job is not ours any more. */
  taken: boolean;
}

/**
 * Runs jobs as a patient runner does: what got no answer is sent again, a log goes on where the server has it, and a job
 * that the server does not know as running is let go. `isOver`: no more jobs are taken.
 */
export async function runUnderFire(
  address: () => string,
  token: string,
  system: string,
  isOver: () => boolean,
): Promise<readonly Acknowledged[]> {
  const runner = plainRunner(address, token, system);
  const all: Acknowledged[] = [];
  while (!isOver()) {
    const job = await runner.take().catch(() => null);
    if (job === null) await pause(20);
    else all.push(await runJob(runner, job));
  }
  runner.close();
  return all;
}

type Runner = ReturnType<typeof plainRunner>;

async function runJob(runner: Runner, job: PlainJob): Promise<Acknowledged> {
  const known: Acknowledged = {
    ...{ jobId: job.id, name: job.name, log: Buffer.alloc(0), artifactSha256: null },
    ...{ finished: false, taken: false },
  };
  const whole = Buffer.concat(
    Array.from({ length: 4 }, (_, at) => Buffer.from(`part ${at} ${randomBytes(30).toString('hex')}\n`)),
  );
  while (known.log.length < whole.length && !known.taken) {
    const end = Math.min(known.log.length + 70, whole.length);
    const part = whole.subarray(known.log.length, end);
    const answer = await until(() =>
      runner.call('PATCH', `/jobs/${job.id}/trace`, part, {
        'JOB-TOKEN': job.token,
        'Content-Range': `${known.log.length}-${end - 1}`,
      }),
    );
    if (answer.status === 202) known.log = whole.subarray(0, end);
    else if (answer.status === 416) known.log = whole.subarray(0, sizeIn(answer));
    else known.taken = true;
    await pause(10);
  }
  if (known.taken) return known;
  await upload(runner, job, known);
  if (known.taken) return known;
  const checksum = `crc32:${crc32(whole).toString(16).padStart(8, '0')}`;
  const output = { bytesize: whole.length, checksum };
  const answer = await until(() =>
    runner.call('PUT', `/jobs/${job.id}`, { token: job.token, state: 'success', output }),
  );
  if (answer.status === 200) known.finished = true;
  else known.taken = true;
  return known;
}

async function upload(runner: Runner, job: PlainJob, known: Acknowledged): Promise<void> {
  const content = randomBytes(2000);
  const boundary = 'a-boundary';
  const body = Buffer.concat([
    Buffer.from(
      `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="artifacts.zip"\r\n\r\n`,
    ),
    content,
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ]);
  const answer = await until(() =>
    runner.call('POST', `/jobs/${job.id}/artifacts?artifact_type=archive&artifact_format=zip`, body, {
      'JOB-TOKEN': job.token,
      'Content-Type': `multipart/form-data; boundary=${boundary}`,
    }),
  );
  if (answer.status === 201) known.artifactSha256 = createHash('sha256').update(content).digest('hex');
  else known.taken = true;
}

/** Until there is an answer that is not the server's trouble. */
async function until(ask: () => Promise<PlainAnswer>): Promise<PlainAnswer> {
  for (;;) {
    const answer = await ask().catch(() => null);
    if (answer !== null && answer.status < 500) return answer;
    await pause(20);
  }
}

function sizeIn({ headers }: PlainAnswer): number {
  return Number(/-(\d+)$/.exec(String(headers.range))?.[1] ?? 0);
}
