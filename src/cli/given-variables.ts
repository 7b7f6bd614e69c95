import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { AppError } from '../base/app-error.ts';
import type { ContextVariable } from '../config/index.ts';
import type { Io } from './io.ts';

/**
 * The pipeline variables of a command line. Files first, in their order, then `--var`; a later one wins.
 *
 * `--var K=V` is text that stood on the command line, so it is no secret. What comes from the environment (`--var K`)
 * or a file is taken for one: it is masked in logs when it is long enough to be (8 characters, as GitLab has it).
 *
 * @throws AppError `bad-option` when a file cannot be read, or something in it is no variable.
 */
export async function givenVariables(
  io: Io,
  options: { readonly var: readonly string[]; readonly varFile: readonly string[] },
): Promise<Readonly<Record<string, ContextVariable>>> {
  const found: Record<string, ContextVariable> = {};
  for (const file of options.varFile)
    Object.assign(found, await readVariableFile(resolve(io.folder, file), file));
  for (const text of options.var) {
    const at = text.indexOf('=');
    const key = checkedKey(at === -1 ? text : text.slice(0, at), `--var ${text}`);
    if (at !== -1) found[key] = { value: text.slice(at + 1), expand: true, masked: false, file: false };
    else found[key] = secret(fromEnvironment(io, key));
  }
  return found;
}

async function readVariableFile(path: string, shown: string): Promise<Record<string, ContextVariable>> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new AppError('bad-option', `The variable file ${shown} cannot be read: ${reason(cause)}.`, {
      cause,
    });
  }
  return path.endsWith('.json') ? parseJsonVariables(text, shown) : parseVariableLines(text, shown);
}

/**
 * Lines of `KEY=VALUE`; empty lines and those that begin with `#` do not count, `export ` before a key is allowed. A
 * value in single or double quotes may go over several lines.
 */
export function parseVariableLines(text: string, shown: string): Record<string, ContextVariable> {
  const found: Record<string, ContextVariable> = {};
  const lines = text.split(/\r?\n/);
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]?.trim() ?? '';
    if (line === '' || line.startsWith('#')) continue;
    const where = `line ${at + 1} of ${shown}`;
    const match = /^(?:export\s+)?([^=\s]+)\s*=\s*(.*)$/s.exec(line);
    if (match === null) throw new AppError('bad-option', `There is no KEY=VALUE in ${where}.`);
    let value = match[2] ?? '';
    const quote = value[0];
    if (quote === '"' || quote === "'") {
      while (!(value.length > 1 && value.endsWith(quote))) {
        at++;
        const next = lines[at];
        if (next === undefined) throw new AppError('bad-option', `The quoted value in ${where} never ends.`);
        value += `\n${next}`;
      }
      value = value.slice(1, -1);
    }
    found[checkedKey(match[1] ?? '', where)] = secret(value);
  }
  return found;
}

/** `{"KEY": "value"}`, or `{"KEY": {"value": …, "masked": …, "file": …, "expand": …}}`. */
function parseJsonVariables(text: string, shown: string): Record<string, ContextVariable> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new AppError('bad-option', `${shown} is no JSON: ${reason(cause)}.`, { cause });
  }
  if (!isRecord(json)) throw new AppError('bad-option', `${shown} must hold a JSON object of variables.`);
  return Object.fromEntries(
    Object.entries(json).map(([key, given]) => [
      checkedKey(key, shown),
      parseJsonVariable(key, given, shown),
    ]),
  );
}

function parseJsonVariable(key: string, given: unknown, shown: string): ContextVariable {
  if (typeof given === 'string') return secret(given);
  if (isRecord(given) && typeof given.value === 'string') {
    const plain = secret(given.value);
    return {
      value: plain.value,
      expand: flag(given.expand, plain.expand),
      masked: flag(given.masked, plain.masked),
      file: flag(given.file, plain.file),
    };
  }
  throw new AppError(
    'bad-option',
    `'${key}' in ${shown} must be a text, or an object with a text as its value.`,
  );
}

function secret(value: string): ContextVariable {
  return { value, expand: false, masked: value.length >= SHORTEST_SECRET, file: false };
}

function checkedKey(key: string, where: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(key)) return key;
  throw new AppError('bad-option', `'${key}' (${where}) cannot be the name of a variable.`, {
    hint: 'Letters, digits and _ make a name; it does not begin with a digit.',
  });
}

function fromEnvironment(io: Io, key: string): string {
  const value = io.environment[key];
  if (value !== undefined) return value;
  throw new AppError(
    'bad-option',
    `--var ${key} takes the value from the environment, and ${key} is not set there.`,
    {
      hint: `Set it, or give the value: --var ${key}=…`,
    },
  );
}

function flag(given: unknown, otherwise: boolean): boolean {
  return typeof given === 'boolean' ? given : otherwise;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

const SHORTEST_SECRET = 8;
