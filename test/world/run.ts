import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startAws } from './aws.ts';
import {
  type CiSettings,
  exampleSettings,
  masterclassSettings,
  siteSettings,
  writeSettings,
} from './ci-settings.ts';
import { startWorld } from './world.ts';

/**
 * Runs a command inside the test world, with `--var-file` and the project's CI settings as its last argument:
 *
 *     node test/world/run.ts example bin/slipway run --executor docker
 *     node test/world/run.ts masterclass bin/slipway run --file masterclass.gitlab-ci.yml --executor docker
 *     node test/world/run.ts site bin/slipway run --repository examples/site --executor shell
 *
 * Its exit code is the command's. With no command the world stays up until it is interrupted.
 */
async function main(): Promise<void> {
  const [kind, program, ...args] = process.argv.slice(2);
  const world = await start(kind);
  const folder = await mkdtemp(join(tmpdir(), 'slipway-settings-'));
  try {
    const settings = join(folder, 'settings.json');
    await writeSettings(settings, world.settings);
    process.exitCode =
      program === undefined
        ? await stayUp(settings)
        : await run(program, [...args, `--var-file=${settings}`]);
  } finally {
    await rm(folder, { recursive: true });
    await world[Symbol.asyncDispose]();
  }
}

interface Started extends AsyncDisposable {
  readonly settings: CiSettings;
}

async function start(kind: string | undefined): Promise<Started> {
  if (kind === 'site') {
    process.stderr.write('starting S3 and CloudFront; the first time, installing them and the aws command\n');
    const aws = await startAws();
    const bucket = 'site.example.com';
    const distribution = await aws.createSite(bucket);
    return {
      settings: siteSettings(aws, bucket, distribution),
      [Symbol.asyncDispose]: () => aws[Symbol.asyncDispose](),
    };
  }
  if (kind !== 'example' && kind !== 'masterclass') throw new Error(`there is no world ${kind}`);
  process.stderr.write('building the images and starting the registry and the host\n');
  const world = await startWorld();
  return {
    settings: kind === 'masterclass' ? masterclassSettings(world) : exampleSettings(world),
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
}

function run(program: string, args: readonly string[]): Promise<number> {
  // Ctrl-C reaches the command as well; we wait for it to end, and clean up after it.
  process.on('SIGINT', () => undefined);
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit' });
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 130));
  });
}

function stayUp(settings: string): Promise<number> {
  process.stdout.write(`--var-file=${settings}\n`);
  return new Promise((resolve) => {
    const timer = setInterval(() => undefined, 60_000);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        clearInterval(timer);
        resolve(0);
      });
    }
  });
}

await main();
