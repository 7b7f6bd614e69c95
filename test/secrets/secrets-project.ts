import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command, output } from '../world/command.ts';
import { SLIPWAY } from '../world/slipway-run.ts';

/** A project with a buildspec, whose state is in a folder of its own. */
export interface SecretsProject extends AsyncDisposable {
  /** Everything that the command sees of the outside, but what a test adds. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Replaces the buildspec: `env` is indented below `env:`, `commands` are the build. */
  write(env: readonly string[], commands: readonly string[]): Promise<void>;
  /** Runs slipway in the project; both outputs are together, as a person sees them. */
  slipway(
    args: readonly string[],
    options?: {
      readonly environment?: Readonly<Record<string, string | undefined>>;
      readonly input?: string;
    },
  ): Promise<{ readonly exitCode: number; readonly shown: string }>;
}

export async function createSecretsProject(): Promise<SecretsProject> {
  const base = await mkdtemp(join(tmpdir(), 'slipway-secrets-'));
  const folder = join(base, 'project');
  await output('git', ['init', '--quiet', '--initial-branch=main', folder]);
  // No credentials of the machine's own: neither variables, nor files, nor a service of the cloud it may be in.
  const others = Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_'));
  const environment = {
    ...Object.fromEntries(others),
    HOME: base,
    XDG_STATE_HOME: join(base, 'state'),
    XDG_CACHE_HOME: join(base, 'cache'),
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  return {
    environment,
    write(env, commands) {
      const lines = [
        'version: 0.2',
        'env:',
        ...env.map((line) => `  ${line}`),
        'phases:',
        '  build:',
        '    commands:',
        ...commands.map((line) => `      - ${JSON.stringify(line)}`),
      ];
      return writeFile(join(folder, 'buildspec.yml'), `${lines.join('\n')}\n`);
    },
    async slipway(args, options = {}) {
      const { exitCode, stdout, stderr } = await command(SLIPWAY, args, {
        cwd: folder,
        env: { ...environment, ...options.environment },
        ...(options.input === undefined ? {} : { input: options.input }),
      });
      return { exitCode, shown: stdout + stderr };
    },
    [Symbol.asyncDispose]: () => rm(base, { recursive: true, force: true }),
  };
}
