import { Command } from 'commander';
import { EXIT } from '../exit-codes.ts';
import { type Io, print } from '../io.ts';

/** `slipway schema`: the language as a JSON Schema, for editors. */
export function schemaCommand(io: Io, ended: (exitCode: number) => void): Command {
  return new Command('schema')
    .description('print a JSON Schema of pipeline files, for editors')
    .addHelpText(
      'after',
      `
Examples:
  slipway schema > .vscode/gitlab-ci.schema.json
  slipway schema | jq '.definitions | keys'

docs/guides/editor.md tells how editors use it.`,
    )
    .action(async () => {
      const { pipelineSchemaText } = await import('../../config/index.ts');
      await print(io.stdout, `${await pipelineSchemaText()}\n`);
      ended(EXIT.success);
    });
}
