import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CiSettings, writeSettings } from '../world/ci-settings.ts';
import { copyExample, type Edit } from '../world/example-repository.ts';
import { convert, type RunReport, slipwayRun } from '../world/slipway-run.ts';

export interface SiteRun {
  readonly report: RunReport;
  /** The log of the one job that a build is. */
  readonly log: string;
  /** The statuses of its phases, as the log tells them. */
  readonly phases: Readonly<Record<string, string>>;
}

/**
 * Runs a build of a copy of examples/site in the shell's sandbox.
 * @throws when the machine is not as it was: the builds put programs into /usr/bin and empty /tmp.
 */
export async function runSite(
  settings: CiSettings,
  options: {
    readonly edits?: readonly Edit[];
    readonly arguments?: readonly string[];
    /** Run what `slipway convert` makes of it. */
    readonly converted?: boolean;
  } = {},
): Promise<SiteRun> {
  const scratch = await mkdtemp(join(tmpdir(), 'slipway-site-settings-'));
  const repository = await copyExample('site', options.edits ?? []);
  try {
    if (options.converted === true) await convert(repository.folder);
    const file = join(scratch, 'settings.json');
    await writeSettings(file, settings);
    await writeFile(join(scratch, 'guard'), 'not to be touched');
    const before = await machine(scratch);
    const report = await slipwayRun(
      repository.folder,
      ...['--executor', 'shell', '--var-file', file, ...(options.arguments ?? [])],
    );
    const after = await machine(scratch);
    if (JSON.stringify(after) !== JSON.stringify(before)) {
      throw new Error(`the machine was changed: ${JSON.stringify({ before, after })}`);
    }
    const [log = '', ...others] = Object.values(report.logs);
    if (others.length > 0) throw new Error(`more jobs than one: ${Object.keys(report.logs).join(', ')}`);
    return { report, log, phases: phasesOf(log) };
  } finally {
    await repository[Symbol.asyncDispose]();
    await rm(scratch, { recursive: true });
  }
}

/** What a careless build would change: the program that it replaces, and a file in /tmp. */
async function machine(scratch: string): Promise<unknown> {
  const { ino, size, mtimeMs } = await stat('/usr/bin/hugo');
  return { ino, size, mtimeMs, guard: await readFile(join(scratch, 'guard'), 'utf8') };
}

function phasesOf(log: string): Record<string, string> {
  const lines = log.matchAll(/Phase complete: (\w+) State: (\w+)/g);
  return Object.fromEntries([...lines].map(([, phase = '', state = '']) => [phase, state]));
}
