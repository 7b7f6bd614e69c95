import { findKeyword, type TextRange } from '../../config/index.ts';
import { type FoundName, nameAt, namesIn } from '../names/find-names.ts';
import { definitionsOf, targetOf } from '../names/target.ts';
import type { Scope } from '../project/project.ts';
import { blockAt, shifted } from '../syntax/file-index.ts';
import { lineStart } from '../syntax/line-start.ts';
import { positionAt } from '../syntax/line-starts.ts';
import { pathAt } from '../syntax/path-at.ts';
import { inputText } from './complete-from-files.ts';
import { levelOf } from './complete-variables.ts';
import { nearest } from './definition.ts';
import { fieldHover } from './fields.ts';
import { jobText } from './job-text.ts';
import { keywordText } from './keyword-text.ts';
import { stageText } from './stage-text.ts';
import { predefinedText, shortened, writtenValue } from './variable-text.ts';

export interface Hover {
  readonly range: TextRange;
  readonly markdown: string;
}

/** What is under the cursor: a name that the files give a meaning, or a keyword of the language. */
export async function hover(scope: Scope, offset: number): Promise<Hover | null> {
  if (scope.fields !== null) return fieldHover(scope.file, scope.fields, offset);
  const found = nameAt(scope.file, offset);
  const markdown = found === null ? null : await nameText(scope, found);
  if (found !== null && markdown !== null) return { range: found.range, markdown };
  return keywordHover(scope, offset);
}

async function nameText(scope: Scope, found: FoundName): Promise<string | null> {
  const { files } = scope;
  const target = targetOf(files, found);
  switch (target.kind) {
    case 'job':
      return jobText(scope, target.name);
    case 'variable':
      return variableText(scope, found);
    case 'stage':
      return stageText(files, target.name);
    case 'file':
      return fileText(scope, target.name);
    case 'input': {
      const declaring = files.find((file) => file.path === target.path);
      if (declaring === undefined) return null;
      return `**${target.name}** · input of ${target.path}\n\n${inputText(declaring, target.name)}`;
    }
    case 'anchor':
    case 'key':
      return found.occurrence.role === 'reference' ? definedText(definitionsOf(files, target)) : null;
  }
}

function variableText(scope: Scope, found: FoundName): string | null {
  const { files } = scope;
  const { name } = found.occurrence;
  const definitions = nearest(files, found, definitionsOf(files, { kind: 'variable', name }));
  const lines = definitions.slice(0, MAX_LINES).map((definition) => {
    const value = writtenValue(definition);
    const shown = value === null ? '' : `\`${value}\` — `;
    return `- ${shown}${levelOf(definition.occurrence.owner)}, ${placeText(definition)}`;
  });
  const more = definitions.length > MAX_LINES ? [`- and ${definitions.length - MAX_LINES} more`] : [];
  const predefined = predefinedText(name, scope);
  if (lines.length === 0 && predefined === null) return null;
  const parts = [`**${name}** · ${predefined === null ? 'variable' : 'predefined variable'}`];
  if (predefined !== null) parts.push(predefined);
  if (lines.length > 0) parts.push([...lines, ...more].join('\n'));
  return parts.join('\n\n');
}

const MAX_LINES = 8;

function fileText({ files }: Scope, path: string): string {
  const target = files.find((file) => file.path === path);
  if (target === undefined) return `**${path}**`;
  const names = [...namesIn([target], 'job', 'definition')].map(({ occurrence }) => occurrence.name);
  const templates = names.filter((name) => name.startsWith('.')).length;
  const inputs = [...namesIn([target], 'input', 'definition')].map(
    ({ occurrence }) => `\`${occurrence.name}\``,
  );
  const counts = `${count(names.length - templates, 'job')}, ${count(templates, 'template')}`;
  return `**${path}** · ${counts}${inputs.length === 0 ? '' : `\n\nInputs: ${inputs.join(', ')}`}`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

/** What an alias or a reference stands for, as it is written. */
function definedText(definitions: readonly FoundName[]): string | null {
  const [first] = definitions;
  if (first === undefined) return null;
  const { file, range } = first;
  const lines = file.text.slice(range.start, range.start + MAX_SNIPPET).split(/\r?\n/);
  const start = lineStart(file.text, range.start);
  const head = file.text.slice(start, range.start);
  const indent = /^[\s-]*/.exec(head)?.[0].length ?? 0;
  const end = lines.findIndex((line, index) => index > 0 && line.trim() !== '' && indentOf(line) <= indent);
  const shown = [`${head.slice(indent)}${lines[0] ?? ''}`, ...lines.slice(1, end === -1 ? undefined : end)];
  const snippet = shown
    .slice(0, MAX_SNIPPET_LINES)
    .map((line, index) => (index === 0 ? line : line.slice(indent)));
  return `${placeText(first)}\n\n\`\`\`yaml\n${snippet.join('\n').trimEnd()}\n\`\`\``;
}

const MAX_SNIPPET = 2000;
const MAX_SNIPPET_LINES = 12;

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

/** `ci/base.yml:12` */
export function placeText({ file, range }: FoundName): string {
  return `${file.path}:${positionAt(file, range.start).line + 1}`;
}

/** On a keyword, or on a word that is one of those it can be. */
function keywordHover({ file }: Scope, offset: number): Hover | null {
  const block = blockAt(file, offset);
  if (block === null) return null;
  const at = pathAt(block.content.tree, offset - block.start);
  if (at === null) return null;
  const found = findKeyword(at.keys);
  const { key, value } = at.pair;
  const node = at.on === 'key' ? key : value;
  if (found === null || found.keyword === null || node.kind !== 'scalar') return null;
  if (at.on === 'value' && !found.words.includes(node.value)) return null;
  const markdown = `**${shortened(found.path)}**\n\n${keywordText(found)}`;
  return { range: shifted(node, block.start), markdown };
}
