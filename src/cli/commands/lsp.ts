import { Command } from 'commander';
import { VERSION } from '../version.ts';

interface LspOptions {
  readonly file: string;
}

/** `slipway lsp`: the language server that editors start. */
export function lspCommand(): Command {
  return new Command('lsp')
    .description('the language server: editors start it and speak with it over stdin and stdout')
    .option('-f, --file <FILE>', 'the pipeline file, from the top of the repository', '.gitlab-ci.yml')
    .option('--stdio', 'speak over stdin and stdout, as it always does: some editors insist on saying so')
    .addHelpText(
      'after',
      `
It shows mistakes while you type, completes, explains what is under the cursor, finds definitions and
references, and renames jobs, in .gitlab-ci.yml and the files it includes; in a buildspec.yml or
cloudbuild.yaml it shows mistakes, completes and explains. docs/guides/language-server.md has the settings
for VS Code, Neovim, Helix and Emacs.

Examples:
  slipway lsp
  slipway lsp --file ci/main.yml`,
    )
    .action(async ({ file }: LspOptions) => {
      const { serve } = await import('../../language-server/index.ts');
      const mainFile = file.replace(/^(?:\.?\/)+/, '');
      await serve({
        input: process.stdin,
        output: process.stdout,
        mainFile,
        version: VERSION,
        now: () => new Date(),
        environment: process.env,
      });
    });
}
