import { execFile } from 'node:child_process';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { privatePostgres } from '../store/private-postgres.ts';
import { s3Server } from '../store/s3-server.ts';
import { FAKETIME } from './fake-time.ts';
import { expectNothingLostUnderFire, type FiredAt } from './under-fire.ts';

const postgres = await privatePostgres();
const s3 = postgres === null ? 'there is no PostgreSQL' : await s3Server();
afterAll(async () => {
  await postgres?.stop();
  if (typeof s3 !== 'string') await s3.stop();
});
const run = promisify(execFile);

const NO_POSTGRES = 'no PostgreSQL 15 or newer is installed';

async function killAndStart({ kill, start }: FiredAt): Promise<void> {
  await kill(0);
  await start(0);
}

/** Fifty starts of a server, and what was begun has to end: minutes on a busy machine. */
const PATIENCE = { timeout: 1_500_000 };

describe(
  'nothing that was acknowledged is lost, no job passes twice, and every pipeline ends',
  PATIENCE,
  () => {
    test('when the server is killed 50 times at random moments, on SQLite', async () => {
      expect.hasAssertions();
      await expectNothingLostUnderFire({ rounds: 50, hurt: killAndStart });
    });

    test('when the server is killed 50 times at random moments, on PostgreSQL', async ({ skip }) => {
      if (postgres === null) return skip(NO_POSTGRES);
      expect.hasAssertions();
      const place = { database: await postgres.addDatabase() };
      await expectNothingLostUnderFire({ place, rounds: 50, hurt: killAndStart });
    });

    test('when the database is killed and started again', async ({ skip }) => {
      if (postgres === null) return skip(NO_POSTGRES);
      if (process.env.SLIPWAY_TEST_POSTGRES) return skip('the database that was given is not ours to kill');
      expect.hasAssertions();
      await expectNothingLostUnderFire({
        place: { database: await postgres.addDatabase() },
        rounds: 5,
        async hurt() {
          await postgres.kill();
          await pause(500);
          await postgres.start();
        },
      });
    });

    test('when two servers share the work and one of them is killed', async ({ skip }) => {
      if (postgres === null) return skip(NO_POSTGRES);
      if (typeof s3 === 'string') return skip(s3);
      expect.hasAssertions();
      await expectNothingLostUnderFire({
        place: { database: await postgres.addDatabase(), storage: s3.address },
        servers: 2,
        rounds: 10,
        async hurt({ kill, start }, round) {
          await kill(round % 2);
          await pause(500);
          await start(round % 2);
        },
      });
    });

    test.for(['SQLite', 'PostgreSQL'])('when the disk is full for a while, on %s', async (kind, { skip }) => {
      if (process.getuid?.() !== 0) return skip('only root may mount a small disk');
      if (kind === 'PostgreSQL' && postgres === null) return skip(NO_POSTGRES);
      expect.hasAssertions();
      const database = kind === 'PostgreSQL' ? await postgres?.addDatabase() : undefined;
      await expectNothingLostUnderFire({
        place: database === undefined ? {} : { database },
        rounds: 4,
        disk: smallDisk,
        async hurt({ data }) {
          await fill(join(data, 'filler'));
          await pause(3000);
          await rm(join(data, 'filler'));
        },
      });
    });

    test.for(['SQLite', 'PostgreSQL'])(
      'when the clock is set forward and back, on %s',
      async (kind, { skip }) => {
        if (FAKETIME === null) return skip('faketime is not installed');
        if (kind === 'PostgreSQL' && postgres === null) return skip(NO_POSTGRES);
        expect.hasAssertions();
        const database = kind === 'PostgreSQL' ? await postgres?.addDatabase() : undefined;
        const clock = join(await mkdtemp(join(tmpdir(), 'slipway-clock-')), 'clock');
        await writeFile(clock, '+0');
        await expectNothingLostUnderFire({
          place: { ...(database === undefined ? {} : { database }), environment: clockOf(FAKETIME, clock) },
          rounds: CLOCKS.length,
          async hurt({ timeOfDay }, round) {
            const seconds = CLOCKS[round] ?? 0;
            await writeFile(clock, `${seconds < 0 ? '' : '+'}${seconds}`);
            await pause(1500);
            expect(Math.abs((await timeOfDay()) - Date.now() - seconds * 1000)).toBeLessThan(30_000);
          },
        });
      },
    );
  },
);

async function smallDisk(folder: string): Promise<() => Promise<void>> {
  await run('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', folder]);
  return async () => void (await run('umount', ['-l', folder]));
}

/** Until not a byte is free. */
async function fill(path: string): Promise<void> {
  const file = await open(path, 'w');
  try {
    for (let size = 1024 * 1024; size >= 512; size = size / 2) {
      const bytes = Buffer.alloc(size, 1);
      while ((await file.write(bytes).catch(() => null)) !== null);
    }
  } finally {
    await file.close();
  }
}

/** Seconds by which the clock is off. */
const CLOCKS = [7200, -7200, 0, 86_400, -86_400, 0];

/** Durations go on as ever: only the time of day is set. */
function clockOf(library: string, file: string): Readonly<Record<string, string>> {
  return {
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  };
}
