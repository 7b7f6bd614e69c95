import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeCommands } from '../src/cli/describe-commands.ts';
import { processIo } from '../src/cli/io.ts';
import { createProgram } from '../src/cli/program.ts';
import { cloudbuildSchemaText, codebuildSchemaText, pipelineSchemaText } from '../src/config/index.ts';
import { apiPages } from './api-page.ts';
import { cloudbuildPage, codebuildPage } from './fields-page.ts';
import { keywordCases } from './keyword-cases.ts';
import { keywordPage } from './keyword-page.ts';
import { LAYERS, mayImport } from './layers.ts';

/**
 * `make docs` writes what is made from the sources: docs/reference/cli.md from the commands' definitions,
 * docs/reference/keywords.md and gitlab-ci.schema.json from the language's, api.md and openapi.json from the server's routes, the table in ARCHITECTURE.md from the layer
 * rule, and what the examples of docs/guides print. With `--check` it writes nothing and fails when something is out of
 * date; of the examples a test sees that.
 */
const root = join(import.meta.dirname, '..');

const api = await apiPages();
const written: Readonly<Record<string, string>> = {
  'docs/reference/cli.md': cliReference(),
  'docs/reference/keywords.md': keywordPage(keywordCases(root)),
  'docs/reference/gitlab-ci.schema.json': `${await pipelineSchemaText()}\n`,
  'docs/reference/codebuild.md': codebuildPage(root),
  'docs/reference/codebuild.schema.json': `${await codebuildSchemaText()}\n`,
  'docs/reference/cloudbuild.md': cloudbuildPage(root),
  'docs/reference/cloudbuild.schema.json': `${await cloudbuildSchemaText()}\n`,
  'docs/reference/api.md': api.page,
  'docs/reference/openapi.json': api.document,
  'ARCHITECTURE.md': withLayerTable(readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8')),
  ...(process.argv.includes('--check') ? {} : await guides()),
};

for (const [path, text] of Object.entries(written)) {
  const old = existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : '';
  if (old === text) continue;
  if (process.argv.includes('--check')) {
    process.stderr.write(`${path} is out of date: run \`make docs\` and commit it.\n`);
    process.exitCode = 1;
  } else {
    writeFileSync(join(root, path), text);
    process.stderr.write(`${path} written\n`);
  }
}

function cliReference(): string {
  const program = createProgram(processIo(), () => undefined);
  const parts = describeCommands(program).map(({ name, help }) => {
    const title = name === '' ? 'slipway' : `slipway ${name}`;
    return `## ${title}\n\n\`\`\`text\n${help.trimEnd()}\n\`\`\`\n`;
  });
  const head =
    '# The command\n\nWhat `--help` says, command by command. Written by `make docs`; do not edit it here.\n';
  return [head, ...parts].join('\n');
}

/** The pages that have examples, with what the examples print. */
async function guides(): Promise<Readonly<Record<string, string>>> {
  const { hasExamples, runGuide } = await import('./guide-examples.ts');
  const pages: Record<string, string> = {};
  for (const name of readdirSync(join(root, 'docs/guides'))) {
    const path = `docs/guides/${name}`;
    const page = readFileSync(join(root, path), 'utf8');
    if (hasExamples(page)) pages[path] = await runGuide(page);
  }
  return pages;
}

/** Layers that have no folder yet have their place in the rule but not in the table. */
function withLayerTable(text: string): string {
  const present = LAYERS.filter(([name]) => existsSync(join(root, 'src', name)));
  const rows = present.map(([name, what], at) => {
    const allowed = present
      .slice(0, at)
      .map(([lower]) => lower)
      .filter((lower) => mayImport(name, lower));
    return `| \`src/${name}/\` | ${what} | ${allowed.join(', ') || 'nothing'} |`;
  });
  const table = ['| folder | what it is | may import |', '| --- | --- | --- |', ...rows].join('\n');
  const [start, end] = ['<!-- layers: written by make docs -->', '<!-- end of layers -->'];
  const [before, rest] = text.split(start);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined)
    throw new Error('ARCHITECTURE.md has lost the marks of its table');
  return `${before}${start}\n\n${table}\n\n${end}${after}`;
}
