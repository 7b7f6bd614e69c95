import { Buffer } from 'node:buffer';
import { Readable } from 'node:stream';
import type { JobLog } from '../log/job-log.ts';
import { demultiplex } from './demultiplex.ts';
import type { Engine } from './engine.ts';
import { engineWords } from './engine.ts';
import type { RunningService } from './start-services.ts';

const SHOWN_LINES = 50;

/** Says what is wrong with a service and shows the end of its log. */
export async function showServiceLog(
  service: RunningService,
  log: JobLog,
  trouble: 'died' | 'timeout',
): Promise<void> {
  const what =
    trouble === 'died' ? 'has ended' : 'does not accept connections yet; the job starts all the same';
  await log.line(`The service ${service.name} ${what}. The end of its log:`, 'warning');
  try {
    const kept = await service.container.logs({
      stdout: true,
      stderr: true,
      tail: SHOWN_LINES,
      follow: false,
    });
    for await (const line of linesOf(Readable.from([kept])))
      await log.line(`[service:${service.name}] ${line}`);
  } catch (error) {
    await log.line(`(its log cannot be read: ${engineWords(error)})`, 'warning');
  }
}

/** Copies a service's log into the job's, line by line, until the service is gone (`CI_DEBUG_SERVICES`). */
export async function followServiceLog(engine: Engine, service: RunningService, log: JobLog): Promise<void> {
  try {
    const output = await engine
      .getContainer(service.container.id)
      .logs({ stdout: true, stderr: true, follow: true });
    for await (const line of linesOf(Readable.from(output)))
      await log.line(`[service:${service.name}] ${line}`);
  } catch (error) {
    await log.line(`Lost the log of the service ${service.name}: ${engineWords(error)}`, 'warning');
  }
}

/** Longer lines are cut into pieces of this size, so that one without end does not fill the memory. */
const LONGEST_LINE = 16_384;

async function* linesOf(frames: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let rest = Buffer.alloc(0);
  for await (const bytes of demultiplex(frames)) {
    rest = Buffer.concat([rest, bytes]);
    let start = 0;
    for (let end = rest.indexOf(LINE_FEED); end >= 0; end = rest.indexOf(LINE_FEED, start)) {
      yield rest.toString('utf8', start, end);
      start = end + 1;
    }
    rest = rest.subarray(start);
    if (rest.length > LONGEST_LINE) {
      yield rest.toString('utf8');
      rest = Buffer.alloc(0);
    }
  }
  if (rest.length > 0) yield rest.toString('utf8');
}

const LINE_FEED = 0x0a;
