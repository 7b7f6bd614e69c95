import { Command, Option } from 'commander';
import type { Language } from '../../config/index.ts';
import { EXIT } from '../exit-codes.ts';
import { type Io, print } from '../io.ts';

interface SchemaOptions {
  readonly language: Language;
}

/** `slipway schema`: a language as a JSON Schema, for editors. */
export function schemaCommand(io: Io, ended: (exitCode: number) => void): Command {
  return new Command('schema')
    .description('print a JSON Schema of pipeline files, for editors')
    .addOption(
      new Option('--language <LANGUAGE>', 'of which files')
        .choices(['gitlab', 'codebuild', 'cloudbuild'] satisfies Language[])
        .default('gitlab'),
    )
    .addHelpText(
      'after',
      `
Examples:
  slipway schema > .vscode/gitlab-ci.schema.json
  slipway schema --language codebuild > .vscode/buildspec.schema.json
  slipway schema | jq '.definitions | keys'

docs/guides/editor.md tells how editors use it.`,
    )
    .action(async ({ language }: SchemaOptions) => {
      await print(io.stdout, `${await schemaText(language)}\n`);
      ended(EXIT.success);
    });
}

async function schemaText(language: Language): Promise<string> {
  const config = await import('../../config/index.ts');
  switch (language) {
    case 'gitlab':
      return config.pipelineSchemaText();
    case 'codebuild':
      return config.codebuildSchemaText();
    case 'cloudbuild':
      return config.cloudbuildSchemaText();
  }
}
