import { StringDecoder } from 'node:string_decoder';
import { systemClock } from '../../base/clock.ts';
import { followJobLog } from '../../client/index.ts';
import { isCompleted, JOB_STATUSES } from '../../pipeline/index.ts';
import { readTimedLog } from '../../protocol/index.ts';
import type { JobLogOptions } from '../commands/job.ts';
import { EXIT } from '../exit-codes.ts';
import { type Io, print } from '../io.ts';
import { numberOf } from './number-of.ts';
import { openRemoteProject } from './open-remote.ts';

/**
 * What `slipway job log` does. The log is printed as the job wrote it: it may colour, and on a terminal it may do
 * whatever a program that ran here could. The times that official runners write before each line are left out.
 */
export async function printLog(io: Io, id: string, options: JobLogOptions): Promise<number> {
  const number = numberOf(id);
  const { client, schemas, at, project } = await openRemoteProject(io, options);
  const path = `${at}/jobs/${number}`;
  const left = new AbortController();
  const leave = () => left.abort();
  for (const signal of SIGNALS) process.once(signal, leave);
  io.stdout.on('error', leave);
  const shown = createShown(io, options.json === true);
  try {
    if (options.follow === true) {
      const job = { projectId: project.id, id: number };
      for (let isOver = false; !isOver && !left.signal.aborted; ) {
        for await (const bytes of followJobLog(client, systemClock, job, left.signal, shown.bytes()))
          await shown.add(bytes);
        isOver = isCompletedWord((await client.get(path, schemas.RestJob)).status);
      }
    } else {
      const answer = await client.stream(`${path}/trace`, 0, left.signal);
      for await (const bytes of answer?.bytes ?? []) await shown.add(bytes);
    }
    if (left.signal.aborted) return EXIT.interrupted;
    await shown.end();
    if (options.follow !== true) return EXIT.success;
    const { status, allow_failure: isAllowed } = await client.get(path, schemas.RestJob);
    return status === 'success' || (status === 'failed' && isAllowed) ? EXIT.success : EXIT.failed;
  } catch (error) {
    if (left.signal.aborted) return EXIT.interrupted;
    throw error;
  } finally {
    for (const signal of SIGNALS) process.off(signal, leave);
    io.stdout.off('error', leave);
  }
}

function createShown(io: Io, json: boolean) {
  const decoder = new StringDecoder('utf8');
  const plain = readTimedLog();
  let count = 0;
  const write = async (text: string) => {
    if (text !== '') await print(io.stdout, json ? `${JSON.stringify({ text })}\n` : text);
  };
  return {
    bytes: () => count,
    async add(bytes: Uint8Array) {
      count += bytes.length;
      await write(decoder.write(Buffer.from(plain.take(bytes))));
    },
    end: () => write(decoder.end(Buffer.from(plain.end()))),
  };
}

function isCompletedWord(word: string): boolean {
  const status = JOB_STATUSES.find((known) => known === word);
  return status !== undefined && isCompleted(status);
}

const SIGNALS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
