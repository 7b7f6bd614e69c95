import { closestTo } from '../../../base/closest.ts';
import type { Problem } from '../../../base/problem.ts';
import { type MappingEntry, type MappingNode, type Node, problemAt } from '../../document/index.ts';
import type { Fields, Shape } from '../../fields/field.ts';
import { BUILD } from './build.ts';
import { isProtoDuration, secondsOf } from './duration.ts';
import { fieldName } from './find.ts';

/**
 * Holds a document against the language. The answer is the same tree with its fields in camel case, without nulls and
 * without what has a wrong kind; each of those is reported where it stands. Unknown fields are errors, as the service has
 * it.
 */
export function checkBuild(document: MappingNode, problems: Problem[]): MappingNode {
  return checkRecord(document, BUILD, '', problems);
}

function checkRecord(node: MappingNode, fields: Fields, place: string, problems: Problem[]): MappingNode {
  const entries = new Map<string, MappingEntry>();
  for (const [key, entry] of node.entries) {
    const name = fieldName(key, fields);
    const field = name === null ? undefined : fields[name];
    if (name === null || field === undefined) {
      problems.push(unknownField(entry, key, fields, place));
      continue;
    }
    if (isNull(entry.value)) continue;
    if (entries.has(name)) {
      problems.push(wrong(entry.key, `${shown(place, name)} is there twice, as ${name} and in snake case`));
      continue;
    }
    const value = checkValue(entry.value, field.shape, shown(place, name), problems);
    if (value !== null) entries.set(name, { ...entry, value });
  }
  for (const [name, { required }] of Object.entries(fields)) {
    if (required === true && !hasField(node, name, fields)) {
      problems.push(
        problemAt(firstLine(node), {
          code: 'cloudbuild-field-missing',
          message: place === '' ? `The build has no ${name}` : `${place} has no ${name}`,
        }),
      );
    }
  }
  return { ...node, entries };
}

function checkValue(node: Node, shape: Shape, place: string, problems: Problem[]): Node | null {
  switch (shape.type) {
    case 'any':
      return node;
    case 'text':
      if (node.kind === 'scalar' && typeof node.value === 'string') return node;
      problems.push(wrong(node, `${place} should be a text`, quoteHint(node)));
      return null;
    case 'boolean':
      if (node.kind === 'scalar' && typeof node.value === 'boolean') return node;
      problems.push(wrong(node, `${place} should be true or false`, unquoteHint(node)));
      return null;
    case 'integer':
      if (node.kind === 'scalar' && /^-?\d{1,15}$/.test(String(node.value))) return node;
      problems.push(wrong(node, `${place} should be a whole number`));
      return null;
    case 'duration':
      return checkDuration(node, place, problems);
    case 'word':
      return checkWord(node, shape.words, place, problems);
    case 'list':
      return checkList(node, shape.items, place, problems);
    case 'map':
      return checkMap(node, shape.items ?? { type: 'text' }, place, problems);
    case 'record':
      if (node.kind === 'mapping') return checkRecord(node, shape.fields, place, problems);
      problems.push(wrong(node, `${place} should be a mapping`));
      return null;
  }
}

/** Files are found with `15m`, which has one meaning only: a warning. */
function checkDuration(node: Node, place: string, problems: Problem[]): Node | null {
  const text = node.kind === 'scalar' && typeof node.value === 'string' ? node.value : null;
  if (text !== null && isProtoDuration(text)) return node;
  const message = `${place} should be a number of seconds with an s behind it`;
  const meant = text !== null && secondsOf(text) !== null;
  problems.push(
    problemAt(node.span, {
      code: meant ? 'cloudbuild-duration' : 'cloudbuild-wrong-value',
      severity: meant ? 'warning' : 'error',
      message,
      hint: durationHint(node),
    }),
  );
  return meant ? node : null;
}

function checkWord(node: Node, words: readonly string[], place: string, problems: Problem[]): Node | null {
  const value = node.kind === 'scalar' ? String(node.value) : '';
  if (words.includes(value)) return node;
  const near = closestTo(value, words);
  const hint = near === null ? null : `Did you mean \`${near}\`?`;
  problems.push(wrong(node, `${place} should be one of: ${words.join(', ')}`, hint));
  return null;
}

/** One value is as good as a list of it, as for the service's own command. */
function checkList(node: Node, items: Shape, place: string, problems: Problem[]): Node | null {
  if (node.kind === 'scalar' && items.type !== 'record') {
    const value = checkValue(node, items, place, problems);
    return value === null ? null : { kind: 'sequence', items: [value], span: node.span };
  }
  if (node.kind !== 'sequence') {
    problems.push(wrong(node, `${place} should be a list`, 'Write each item behind a dash: `- …`.'));
    return null;
  }
  const kept: Node[] = [];
  for (const [index, item] of node.items.entries()) {
    const value = checkValue(item, items, `${place}[${index}]`, problems);
    if (value !== null) kept.push(value);
  }
  return { ...node, items: kept };
}

function checkMap(node: Node, items: Shape, place: string, problems: Problem[]): Node | null {
  if (node.kind !== 'mapping') {
    problems.push(wrong(node, `${place} should be a mapping of names to texts`));
    return null;
  }
  const entries = new Map<string, MappingEntry>();
  for (const [name, entry] of node.entries) {
    if (isNull(entry.value)) continue;
    const value = checkValue(entry.value, items, shown(place, name), problems);
    if (value !== null) entries.set(name, { ...entry, value });
  }
  return { ...node, entries };
}

function hasField({ entries }: MappingNode, name: string, fields: Fields): boolean {
  for (const [key, { value }] of entries) if (fieldName(key, fields) === name && !isNull(value)) return true;
  return false;
}

function unknownField({ key }: MappingEntry, written: string, fields: Fields, place: string): Problem {
  const near = closestTo(written, Object.keys(fields));
  const other = Object.hasOwn(PLACES, written) ? PLACES[written] : undefined;
  return problemAt(key.span, {
    code: 'cloudbuild-unknown-field',
    message: `${place === '' ? 'A build' : place} has no field ${JSON.stringify(written.slice(0, 100))}`,
    hint:
      near !== null
        ? `Did you mean \`${near}\`?`
        : other !== undefined && !Object.hasOwn(fields, written)
          ? other
          : `Fields here are: ${Object.keys(fields).slice(0, 16).join(', ')}.`,
  });
}

/** Fields that are often written in the wrong place. */
const PLACES: Readonly<Record<string, string>> = {
  machineType: 'It stands in `options`.',
  logging: 'It stands in `options`.',
  substitutionOption: 'It stands in `options`.',
  dynamicSubstitutions: 'It stands in `options`.',
  pool: 'It stands in `options`.',
  substitutions: 'It stands at the root of the file.',
  images: 'It stands at the root of the file.',
  options: 'It stands at the root of the file.',
  secretManager: 'It stands in `availableSecrets`.',
};

function wrong(node: Node, message: string, hint: string | null = null): Problem {
  return problemAt(node.span, { code: 'cloudbuild-wrong-value', message, hint });
}

function quoteHint(node: Node): string | null {
  if (node.kind === 'mapping') return 'A `: ` makes this a mapping; put the whole text in quotes.';
  if (node.kind !== 'scalar' || node.value === null) return null;
  return `Put it in quotes: \`'${node.source.slice(0, 60)}'\`.`;
}

function unquoteHint(node: Node): string | null {
  return node.kind === 'scalar' && /^(?:true|false)$/.test(String(node.value)) ? 'Without quotes.' : null;
}

function durationHint(node: Node): string {
  const text = node.kind === 'scalar' ? String(node.value) : '';
  const seconds = /^\d{1,8}$/.test(text) ? Number(text) : secondsOf(text);
  return seconds === null ? 'For example `600s`.' : `Write \`${seconds}s\`.`;
}

function firstLine(node: Node): Node['span'] {
  const { file, start, end } = node.span;
  const stop = file.text.indexOf('\n', start);
  return { file, start, end: stop < 0 ? end : Math.min(end, stop) };
}

function isNull(node: Node): boolean {
  return node.kind === 'scalar' && node.value === null;
}

function shown(place: string, name: string): string {
  return place === '' ? name : `${place}.${name}`;
}
