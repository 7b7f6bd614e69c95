import type { WrittenNode } from '../../config/index.ts';
import { shortened } from './variable-text.ts';

/** A value of a pipeline file as plain data. */
export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [key: string]: Plain };

/** A written value as plain data; what an alias stands for is not looked up. */
export function plainOf(node: WrittenNode): Plain {
  switch (node.kind) {
    case 'scalar':
      return node.value;
    case 'alias':
      return `*${node.name}`;
    case 'sequence':
      return node.items.map(plainOf);
    case 'mapping':
      return Object.fromEntries(
        node.pairs.map(({ key, value }) => [key.kind === 'scalar' ? key.value : '', plainOf(value)]),
      );
  }
}

export function isGiven(node: WrittenNode): boolean {
  return node.kind !== 'scalar' || node.value !== '';
}

/** The value of a job's keyword in a few words, as Markdown; empty when the value is too much for that. */
export function shortForm(key: string, value: Plain): string {
  switch (key) {
    case 'needs':
      return needsForm(value);
    case 'rules':
      return rulesForm(value);
    case 'script':
    case 'before_script':
    case 'after_script':
      return Array.isArray(value) ? counted(value.length, 'line') : code(value);
    default:
      return generalForm(value);
  }
}

function generalForm(value: Plain): string {
  if (value === null) return '';
  if (Array.isArray(value))
    return isShort(value) ? value.map(code).join(', ') : counted(value.length, 'item');
  if (typeof value !== 'object') return code(value);
  return Object.keys(value).slice(0, MAX_PARTS).map(code).join(', ');
}

function isShort(value: readonly Plain[]): boolean {
  return value.length <= MAX_PARTS && value.every((item) => typeof item !== 'object');
}

function needsForm(value: Plain): string {
  const items = Array.isArray(value) ? value : [value];
  if (items.length === 0) return 'none: it starts at once';
  const names = items.map((item) => (isRecord(item) ? (item.job ?? item.pipeline ?? null) : item));
  const more = names.length > MAX_PARTS ? ` and ${names.length - MAX_PARTS} more` : '';
  return `${names.slice(0, MAX_PARTS).map(code).join(', ')}${more}`;
}

function rulesForm(value: Plain): string {
  if (!Array.isArray(value)) return '';
  const rules = value.slice(0, MAX_RULES).map((rule: Plain) => {
    if (!isRecord(rule)) return '…';
    const when = rule.when ?? 'on_success';
    const condition =
      rule.if ??
      (rule.changes === undefined ? null : 'changes') ??
      (rule.exists === undefined ? null : 'exists');
    return condition === null ? code(when) : `${code(condition)} → ${code(when)}`;
  });
  return `${rules.join('; ')}${value.length > MAX_RULES ? '; …' : ''}`;
}

function isRecord(value: Plain): value is { readonly [key: string]: Plain } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function code(value: Plain): string {
  return `\`${shortened(typeof value === 'object' ? JSON.stringify(value) : String(value))}\``;
}

function counted(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

const MAX_PARTS = 8;
const MAX_RULES = 4;
