import { Command, Option } from 'commander';
import type { Io } from '../io.ts';
import { collect, positiveInteger } from '../pipeline-options.ts';
import { addRemoteOptions, type RemoteOptions } from '../remote/remote-options.ts';

/** Where a token comes from; nothing given: the environment, else it is asked for. */
export interface TokenOptions {
  readonly token?: string;
  readonly tokenFile?: string;
}

export interface ConfigOptions {
  readonly config?: string;
}

/** How the jobs of a runner run. */
export interface RunnerSettings {
  readonly executor: 'auto' | 'shell' | 'docker';
  readonly image?: string;
  readonly sandbox: boolean;
  readonly privileged?: boolean;
  readonly engineSocket?: boolean;
  readonly tlsCaFile?: string;
  readonly logLimit: number;
  readonly concurrency?: number;
}

export interface RegisterOptions extends TokenOptions, ConfigOptions, RunnerSettings {
  readonly url: string;
  readonly name?: string;
  readonly registrationToken?: string;
  readonly registrationTokenFile?: string;
  readonly tag: readonly string[];
  readonly runUntagged?: boolean;
  readonly locked?: boolean;
  readonly protected?: boolean;
  readonly paused?: boolean;
  readonly maximumTimeout?: number;
}

export interface RunOptions extends TokenOptions, ConfigOptions, RunnerSettings {
  readonly url?: string;
  readonly drainTimeout?: string;
  readonly json?: boolean;
}

export interface UnregisterOptions extends ConfigOptions {
  readonly all?: boolean;
}

export interface CreateOptions extends RemoteOptions {
  readonly project?: string;
  readonly description?: string;
  readonly tag: readonly string[];
  readonly runUntagged?: boolean;
  readonly protected?: boolean;
}

/** `slipway runner`: this machine runs the jobs of servers. */
export function runnerCommand(io: Io, ended: (exitCode: number) => void): Command {
  const runner = new Command('runner')
    .description('run the jobs of a Slipway or GitLab server on this machine')
    .addHelpText(
      'after',
      `
A runner takes jobs from a server and runs them as \`slipway run\` does: in containers, or in a sandbox on this machine.
Register it once, then keep \`slipway runner run\` going. Tokens are best given by a file, by the environment
(SLIPWAY_RUNNER_TOKEN, SLIPWAY_REGISTRATION_TOKEN), or when asked: an argument can be seen by everybody on the machine.

Examples:
  slipway runner create --tag linux                             on a server of yours: prints the new runner's token
  slipway runner register --url https://ci.example.com          asks for the token, glrt-…
  slipway runner run                                            until Ctrl-C, which waits for the jobs
  slipway runner run --concurrency 4 --drain-timeout 10m
  slipway runner list
  slipway runner verify
  slipway runner unregister builder`,
    );
  const add = (command: Command): Command => {
    runner.addCommand(command.copyInheritedSettings(runner));
    return command;
  };

  add(addRemoteOptions(new Command('create')))
    .description('make a runner on a server, and print its token')
    .option('-p, --project <PATH>', 'for this project alone; absent: for all projects')
    .option('--description <TEXT>', 'what it is called on the server')
    .option('--tag <TAG>', 'it takes jobs with this tag; more than one may be given', collect, [])
    .option('--run-untagged', 'with tags: it takes jobs without tags, too')
    .option('--protected', 'only for protected branches and tags')
    .addHelpText(
      'after',
      `
The token is shown once. \`slipway runner register\` and the official \`gitlab-runner register\` take it.

Examples:
  slipway runner create > token && slipway runner register --url https://ci.example.com --token-file token
  slipway runner create --project team/app --tag deploy --protected`,
    )
    .action(async (options: CreateOptions) => {
      const { createRunner } = await import('../runner/create.ts');
      ended(await createRunner(io, options));
    });

  add(withSettings(withTokens(withConfig(new Command('register')))))
    .description('write down a runner of a server, so that `slipway runner run` runs its jobs')
    .requiredOption('--url <URL>', "the server's address, as for a browser")
    .option('--name <NAME>', 'what it is called here and on the server (default: the name of this machine)')
    .option('--registration-token <TOKEN>', 'make a new runner, in the old form, with this token')
    .option('--registration-token-file <FILE>', 'the same, from a file; - is standard input')
    .option('--tag <TAG>', 'with a registration token: a tag of the new runner', collect, [])
    .option('--run-untagged', 'with a registration token: it takes jobs without tags, too')
    .option('--locked', 'with a registration token: for its own project only')
    .option('--protected', 'with a registration token: only for protected branches and tags')
    .option('--paused', 'with a registration token: it takes no jobs yet')
    .option(
      '--maximum-timeout <SECONDS>',
      'with a registration token: the longest a job may take',
      positiveInteger,
    )
    .addHelpText(
      'after',
      `
A token that begins with glrt- belongs to a runner that was made on the server; its tags and the like are changed there.

Examples:
  slipway runner register --url https://ci.example.com --token-file /run/secrets/runner
  pass show ci/runner | slipway runner register --url https://ci.example.com --name builder
  slipway runner register --url https://ci.example.com --registration-token-file token --tag linux --tag arm64
  slipway runner register --url https://ci.example.com --executor docker --image debian:12`,
    )
    .action(async (options: RegisterOptions) => {
      const { register } = await import('../runner/register.ts');
      ended(await register(io, options));
    });

  add(withSettings(withTokens(withConfig(new Command('run')))))
    .description('take jobs and run them, until told to stop')
    .option(
      '--url <URL>',
      'one runner that is not written down: its server; the options of register go with it',
    )
    .option('--drain-timeout <TIME>', 'when told to stop: give jobs back that take longer than this to end')
    .option('--json', 'what happens as lines of JSON')
    .addHelpText(
      'after',
      `
SIGTERM, SIGINT (Ctrl-C) or SIGQUIT: takes no more jobs, and ends when those that run have ended. Once more: ends them at
once and gives them back to the server, which can give them to another runner. SIGUSR2 does that at the first time, for
machines that go away in a minute. A third time: tells the server nothing.

A server that is away is waited for: jobs go on, and their logs and results arrive when it is back.

Examples:
  slipway runner run
  slipway runner run --concurrency 8 --drain-timeout 90s
  SLIPWAY_RUNNER_TOKEN=$(cat token) slipway runner run --url https://ci.example.com --executor docker`,
    )
    .action(async (options: RunOptions) => {
      const { runRunners } = await import('../runner/run-runners.ts');
      ended(await runRunners(io, options));
    });

  add(withConfig(new Command('list').description('the runners that are written down here'))).action(
    async (options: ConfigOptions) => {
      const { listRunners } = await import('../runner/manage.ts');
      ended(await listRunners(io, options));
    },
  );

  add(
    withConfig(
      new Command('verify').description('ask the servers whether they know the runners').argument('[NAME]'),
    ),
  ).action(async (name: string | undefined, options: ConfigOptions) => {
    const { verifyRunners } = await import('../runner/manage.ts');
    ended(await verifyRunners(io, name, options));
  });

  add(
    withConfig(
      new Command('unregister')
        .description('make the server forget a runner, and forget it here')
        .argument('[NAME]')
        .option('--all', 'all of them'),
    ),
  ).action(async (name: string | undefined, options: UnregisterOptions) => {
    const { unregisterRunners } = await import('../runner/manage.ts');
    ended(await unregisterRunners(io, name, options));
  });
  return runner;
}

function withConfig(command: Command): Command {
  return command.option(
    '--config <FILE>',
    'where the runners are written down (default: ~/.config/slipway/runner.json)',
  );
}

function withTokens(command: Command): Command {
  return command
    .option('--token <TOKEN>', "the runner's token, glrt-…")
    .option('--token-file <FILE>', 'the same, from a file; - is standard input');
}

function withSettings(command: Command): Command {
  return command
    .addOption(
      new Option(
        '-e, --executor <WHERE>',
        'auto: jobs with an image in containers, the others on this machine',
      )
        .choices(['auto', 'shell', 'docker'])
        .default('auto'),
    )
    .option('--image <IMAGE>', 'the image of jobs that name none; they run in containers then')
    .option(
      '-j, --concurrency <N>',
      'how many jobs at once (default: the processors there are)',
      positiveInteger,
    )
    .option('--no-sandbox', 'let shell jobs write to this machine')
    .option('--privileged', 'give containers all rights (default: where a job needs it, as docker:dind does)')
    .option('--no-privileged', 'never give containers all rights')
    .option('--engine-socket', "give containers the Docker engine's socket, and with it this machine")
    .option('--tls-ca-file <FILE>', 'certificates to trust besides those of the system')
    .option('--log-limit <MB>', "more of a job's log than this is not sent", positiveInteger, 64);
}
