import type { FileHandle } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { TextDecoder } from 'node:util';
import type { TestSummary } from '../job-result.ts';
import { createJunitReader, type JunitReader } from './junit-reader.ts';
import { openReportFiles } from './report-files.ts';
import { createDecoder } from './xml-decoder.ts';

const DEFAULT_MAX_BYTES = 256 * 1024 * 1024;

/**
 * Reads a job's JUnit reports into one summary; null when there is no such file. The files are read as streams and
 * nothing of them is kept but the numbers and the first failures: 100 MB take about a second and 30 MB of memory. What
 * is not well-formed is read as far as possible, with a warning.
 *
 * @param options.warn called for each file that was not read, or not read to its end as XML.
 * @param options.maxBytes of all files together; what is beyond is not read.
 */
export async function readJunitReports(
  workspace: string,
  paths: readonly string[],
  options: {
    readonly projectDir?: string;
    readonly maxBytes?: number;
    readonly warn?: (message: string) => void | Promise<void>;
  } = {},
): Promise<TestSummary | null> {
  const { maxBytes = DEFAULT_MAX_BYTES, warn, ...place } = options;
  let reader: JunitReader | null = null;
  let bytes = 0;
  for await (const { path, handle, size } of openReportFiles({ workspace, paths, ...place })) {
    reader ??= await createJunitReader();
    bytes += size;
    if (bytes > maxBytes) {
      await warn?.(`${path} was not read: the JUnit reports have more than ${maxBytes} bytes together.`);
      break;
    }
    const problem = await readFile(reader, handle, size);
    if (problem !== null) await warn?.(`${path} is not a well-formed JUnit report: ${problem}.`);
  }
  return reader?.summary() ?? null;
}

/** @returns the first problem found in it. */
async function readFile(reader: JunitReader, handle: FileHandle, size: number): Promise<string | null> {
  if (size === 0) return 'it is empty';
  const file = reader.startFile();
  let decoder: TextDecoder | null = null;
  for await (const chunk of handle.createReadStream({ autoClose: false, start: 0, end: size - 1 })) {
    if (!Buffer.isBuffer(chunk)) continue;
    decoder ??= createDecoder(chunk);
    if (!file.write(decoder.decode(chunk, { stream: true }))) break;
    // Parsing is work for this thread: whatever else it has to do comes in between.
    await nextTurn();
  }
  return file.end();
}
