import type { Scalar } from './node.ts';

/**
 * What a plain (unquoted) scalar means, by the YAML 1.1 rules that GitLab's parser (Ruby's Psych) follows: `on` and
 * `Yes` are booleans, `017` is 15, `1_000` and `1,000` are 1000, `1:30` is base sixty, `1e3` is a string. A date or
 * a time is refused there, so it is an answer of its own here.
 */
export function resolvePlainScalar(text: string): ResolvedScalar {
  if (text === '') return NULL;
  const first = text.charCodeAt(0);
  if (!isDigit(first) && first !== PLUS && first !== MINUS && first !== DOT) return resolveWord(text);
  return resolveNumber(text);
}

export type ResolvedScalar =
  | { readonly kind: 'value'; readonly value: Scalar }
  | { readonly kind: 'forbidden'; readonly type: 'Date' | 'Time' };

/** The text of a number or boolean as Ruby's `to_s` writes it: what a variable of that value holds. */
export function scalarText(scalar: { readonly value: Scalar; readonly source: string }): string {
  const { value, source } = scalar;
  if (value === null) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  return isFloatSource(source) ? floatText(value) : integerText(value, source);
}

const NULL: ResolvedScalar = { kind: 'value', value: null };
const TRUE: ResolvedScalar = { kind: 'value', value: true };
const FALSE: ResolvedScalar = { kind: 'value', value: false };
const PLUS = 43;
const MINUS = 45;
const DOT = 46;

const INTEGER = /^[-+]?(?:0b[01_,]+|0[0-7_,]+|0|[1-9](?:[0-9]|,[0-9]|_[0-9])*|0x[0-9a-fA-F_,]+)$/;
const FLOAT = /^[-+]?(?:[0-9][0-9_,]*)?\.[0-9]*(?:[eE][+-][0-9]+)?$/;
const SIXTIES = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9]){1,2}(\.[0-9_]*)?$/;
const DATE = /^\d{4}-(?:1[012]|0\d|\d)-(?:[12]\d|3[01]|0\d|\d)$/;
const TIME =
  /^-?\d{4}-\d{1,2}-\d{1,2}(?:[Tt]|\s+)\d{1,2}:\d\d:\d\d(?:\.\d*)?(?:\s*(?:Z|[-+]\d{1,2}:?(?:\d\d)?))?$/;

function resolveWord(text: string): ResolvedScalar {
  if (text.length > 5) return { kind: 'value', value: text };
  if (text === '~') return NULL;
  switch (text.toLowerCase()) {
    case 'null':
      return NULL;
    case 'yes':
    case 'true':
    case 'on':
      return TRUE;
    case 'no':
    case 'false':
    case 'off':
      return FALSE;
    default:
      return { kind: 'value', value: text };
  }
}

function resolveNumber(text: string): ResolvedScalar {
  if (text.length >= 8 && text.includes('-', 1)) {
    if (DATE.test(text)) return { kind: 'forbidden', type: 'Date' };
    if (TIME.test(text)) return { kind: 'forbidden', type: 'Time' };
  }
  return { kind: 'value', value: numberOf(text) ?? text };
}

function numberOf(text: string): number | null {
  if (INTEGER.test(text)) return integerOf(text);
  const special = text.toLowerCase();
  if (special === '.inf' || special === '+.inf') return Number.POSITIVE_INFINITY;
  if (special === '-.inf') return Number.NEGATIVE_INFINITY;
  if (special === '.nan') return Number.NaN;
  if (SIXTIES.test(text)) return sixties(text);
  if (FLOAT.test(text) && /[0-9]/.test(text)) return Number(text.replaceAll(/[,_]/g, ''));
  return null;
}

function integerOf(text: string): number | null {
  const digits = text.replaceAll(/[,_]/g, '');
  const negative = digits.startsWith('-');
  const unsigned = negative || digits.startsWith('+') ? digits.slice(1) : digits;
  const value = Number(/^0[0-7]/.test(unsigned) ? `0o${unsigned.slice(1)}` : unsigned);
  if (!Number.isFinite(value) || unsigned.length === 0 || unsigned === '0b' || unsigned === '0x') return null;
  return negative ? -value : value;
}

/** The first of two parts counts as hours too, and a sign belongs to the first part alone: so Psych reads them. */
function sixties(text: string): number {
  const parts = text.replaceAll('_', '').split(':').map(Number);
  const weights = [3600, 60, 1];
  return parts.reduce((sum, part, index) => sum + part * (weights[index] ?? 1), 0);
}

function isFloatSource(source: string): boolean {
  return source.includes('.');
}

/** JavaScript keeps 53 bits of an integer; the digits as written keep all of them. */
function integerText(value: number, source: string): string {
  if (Number.isSafeInteger(value)) return String(value);
  const digits = source.replaceAll(/[,_]/g, '');
  return /^[-+]?[1-9][0-9]*$/.test(digits) ? digits.replace('+', '') : String(BigInt(value));
}

function floatText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) return exponentText(value);
  const text = String(value);
  return text.includes('.') ? text : `${text}.0`;
}

function exponentText(value: number): string {
  const [mantissa = '', exponent = ''] = value.toExponential().split('e');
  const sign = exponent.startsWith('-') ? '-' : '+';
  const digits = exponent.replace(/^[-+]/, '').padStart(2, '0');
  return `${mantissa.includes('.') ? mantissa : `${mantissa}.0`}e${sign}${digits}`;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}
