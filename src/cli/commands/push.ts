import { Command } from 'commander';
import { EXIT_CODES_HELP } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { collect } from '../pipeline-options.ts';
import { addRemoteProjectOptions, type RemoteProjectOptions } from '../remote/remote-options.ts';

export interface PushOptions extends RemoteProjectOptions {
  readonly var: readonly string[];
  readonly varFile: readonly string[];
  readonly input: readonly string[];
  readonly keepBranch?: boolean;
  readonly plain?: boolean;
}

/** `slipway push`: what is on this machine, run by the server's runners. */
export function pushCommand(io: Io, ended: (exitCode: number) => void): Command {
  return addRemoteProjectOptions(
    new Command('push').description(
      "run the working tree, uncommitted changes included, on the server's runners and watch it",
    ),
  )
    .option('--var <K=V>', 'a pipeline variable; `--var K` takes its value from the environment', collect, [])
    .option('--var-file <FILE>', 'pipeline variables from lines of K=V, or from a .json file', collect, [])
    .option('--input <K=V>', 'a value for spec:inputs', collect, [])
    .option('--keep-branch', 'leave the branch on the server')
    .option('--plain', 'no live display: every line with the name of its job')
    .addHelpText(
      'after',
      `
The files as they are go to the server as a branch with a name of its own, which is removed when its pipeline is over. What
git ignores stays here, and so do changes inside submodules. Nothing of yours changes: no branch, no index, no stash, no
commit is made in your repository. Ctrl-C cancels the pipeline; once more leaves at once.

Examples:
  slipway push
  slipway push --project team/app --var MODE=fast
  slipway push --json | jq -c 'select(.type == "job-status")'

${EXIT_CODES_HELP}`,
    )
    .action(async (options: PushOptions, command: Command) => {
      const { color } = command.optsWithGlobals<{ color: boolean }>();
      const { pushWorkTree } = await import('../remote/push-work-tree.ts');
      ended(await pushWorkTree(io, options, color));
    });
}
