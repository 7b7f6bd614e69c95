import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import type { Clock } from '../../base/clock.ts';
import { createJobLog } from './create-job-log.ts';
import type { LogSink } from './job-log.ts';

const clock: Clock = { now: () => 1_700_000_000_123, elapsed: () => 0, after: () => () => undefined };

describe('a job log', () => {
  it('writes sections in the format GitLab folds', async () => {
    const { sink, text } = memorySink();
    const log = createJobLog(sink, clock);
    await log.sectionStart('step_script', 'Running the script');
    await log.write(Buffer.from('hello'));
    await log.sectionEnd('step_script');
    await log.line('Job succeeded', 'info');
    await log.end();
    expect(text()).toBe(
      '\u001b[0Ksection_start:1700000000:step_script\r\u001b[0K\u001b[36;1mRunning the script\u001b[0;m\n' +
        'hello\n\u001b[0Ksection_end:1700000000:step_script\r\u001b[0K\u001b[32;1mJob succeeded\u001b[0;m\n',
    );
  });

  it('masks the job and the runner alike, across writes', async () => {
    const { sink, text } = memorySink();
    const log = createJobLog(sink, clock);
    log.mask('s3cret-value');
    await log.write(Buffer.from('a s3cr'));
    await log.write(Buffer.from('et-value b\n'));
    await log.line('fetching with s3cret-value');
    await log.write(Buffer.from('s3cret'));
    await log.end();
    expect(text()).toBe('a [MASKED] b\nfetching with [MASKED]\ns3cret');
  });

  it('waits for the sink, and keeps the order of overlapping writes', async () => {
    const events: string[] = [];
    let release: () => void = () => undefined;
    const log = createJobLog(
      {
        async write(bytes) {
          events.push(`begin ${Buffer.from(bytes).toString()}`);
          await new Promise<void>((resolve) => {
            release = resolve;
          });
          events.push(`end ${Buffer.from(bytes).toString()}`);
        },
        close: () => Promise.resolve(),
      },
      clock,
    );
    const writes = ['1', '2'].map((text) =>
      log.write(Buffer.from(text)).then(() => events.push(`done ${text}`)),
    );
    while (events.length < 6) {
      await new Promise((resolve) => setImmediate(resolve));
      release();
    }
    await Promise.all(writes);
    expect(events).toEqual(['begin 1', 'end 1', 'done 1', 'begin 2', 'end 2', 'done 2']);
  });
});

function memorySink(): { readonly sink: LogSink; readonly text: () => string } {
  const chunks: Uint8Array[] = [];
  return {
    sink: {
      async write(bytes) {
        chunks.push(Buffer.from(bytes));
      },
      close: () => Promise.resolve(),
    },
    text: () => Buffer.concat(chunks).toString(),
  };
}
