import type { YAMLException } from 'js-yaml';
import type { Problem } from '../../base/problem.ts';
import type { SourceText } from './node.ts';
import { problemAt } from './problem-at.ts';

/**
 * Turns the parser's exception into a Problem: our own sentence, and the place a person must look at (the opening
 * quote or bracket of what never ends, where the parser names the end of the file).
 */
export function syntaxProblem(file: SourceText, error: YAMLException): Problem {
  const reason = error.reason;
  const position = Math.min(error.mark?.position ?? 0, file.text.length);
  const known = SENTENCES.find((sentence) => sentence.reason.test(reason));
  const start = known?.locate?.(file.text, position) ?? position;
  return problemAt(
    { file, start, end: Math.min(start + 1, file.text.length) },
    {
      code: known?.code ?? 'yaml-syntax',
      message: known?.message ?? `This is not valid YAML: ${reason}`,
      hint: known?.hint ?? null,
    },
  );
}

interface Sentence {
  readonly reason: RegExp;
  readonly message: string;
  readonly hint?: string;
  readonly code?: 'yaml-too-big';
  readonly locate?: (text: string, position: number) => number;
}

const QUOTE_HINT =
  'Put the whole value in quotes when it holds `: `, ` #`, or starts with one of %@`*&!|>{}[].';

const SENTENCES: readonly Sentence[] = [
  {
    reason: /null byte/,
    message: 'The file holds a NUL byte, so it is no text file',
    hint: 'Save it again as UTF-8 text.',
  },
  {
    reason: /nesting exceeded/,
    code: 'yaml-too-big',
    message: 'The parsed YAML is too big: lists and mappings are nested too deeply',
  },
  {
    reason: /within a double quoted scalar/,
    message: 'This quoted text never ends: a closing " is missing',
    locate: (text) => lastOpeningQuote(text, '"'),
  },
  {
    reason: /within a single quoted scalar/,
    message: "This quoted text never ends: a closing ' is missing",
    locate: (text) => lastOpeningQuote(text, "'"),
  },
  {
    reason: /within a flow collection/,
    message: 'This list or mapping never ends: a closing ] or } is missing',
    locate: lastOpenBracket,
  },
  {
    reason: /tab characters/,
    message: 'A tab is used for indentation, which YAML does not allow',
    hint: 'Indent with spaces.',
  },
  {
    reason: /bad indentation of a mapping entry/,
    message: 'This does not fit here: it is indented differently from its neighbours, or a value holds `: `',
    hint: QUOTE_HINT,
  },
  {
    reason: /bad indentation of a sequence entry/,
    message: 'This list item is indented differently from the items before it',
  },
  {
    reason: /deficient indentation/,
    message: 'This line must be indented further than the key it belongs to',
  },
  {
    reason: /missed comma between flow/,
    message: 'A comma is missing between two items of a [list] or {mapping}',
  },
  {
    reason: /expected the node content/,
    message: 'A value is missing before this comma',
  },
  {
    reason: /expected ':' after a mapping key/,
    message: 'This key has no `:` after it',
    hint: 'Every line of a mapping is `key: value`.',
  },
  {
    reason: /multiline key|can not read a block mapping entry/,
    message: 'This key has no `:` after it, or its indentation is wrong',
  },
  {
    reason: /whitespace character is expected after the key-value separator/,
    message: 'A space is missing after the `:`',
  },
  {
    reason: /end of the stream or a document separator is expected/,
    message:
      'This does not belong to what stands before it: check the indentation, and `key: value` with a space',
    hint: QUOTE_HINT,
  },
  {
    reason: /non-printable/,
    message: 'The file holds a control character here',
    hint: 'Remove it, or write it as an escape inside double quotes.',
  },
  {
    reason: /expected valid JSON character/,
    message: 'A control character stands in a quoted text',
    hint: 'Write it as an escape such as \\x1b inside double quotes.',
  },
  {
    reason: /unknown escape sequence/,
    message: 'Unknown escape sequence in double quotes',
    hint: 'Double the backslash, or use single quotes, where \\ means itself.',
  },
  { reason: /hexadecimal character/, message: 'Hexadecimal digits are missing in this escape sequence' },
  { reason: /duplication of a tag/, message: 'A value can have only one tag' },
  { reason: /duplication of an anchor/, message: 'A value can have only one anchor' },
  { reason: /undeclared tag handle/, message: 'This tag uses a handle that no %TAG line declares' },
  { reason: /tag/, message: 'This tag (a word that starts with !) is malformed', hint: QUOTE_HINT },
  {
    reason: /anchor node|alias node/,
    message: 'An anchor (&) or alias (*) is malformed here',
    hint: QUOTE_HINT,
  },
  {
    reason: /block scalar|chomping|indentation width|line break is expected/,
    message: 'The header of this text block (| or >) is malformed',
  },
  {
    reason: /directive|YAML version/i,
    message: 'A line that starts with % is a YAML directive; this one is malformed',
  },
];

/** What opened a quote that never closes: after it, only escaped quotes of its kind can follow. */
function lastOpeningQuote(text: string, quote: '"' | "'"): number {
  let index = text.lastIndexOf(quote);
  while (index > 0) {
    const before = text[index - 1];
    if (quote === '"' && before === '\\') index = text.lastIndexOf(quote, index - 1);
    else if (quote === "'" && before === "'") index = text.lastIndexOf(quote, index - 2);
    else break;
  }
  return Math.max(index, 0);
}

function lastOpenBracket(text: string, position: number): number {
  let closed = 0;
  for (let index = position - 1; index >= 0; index--) {
    const char = text[index];
    if (char === ']' || char === '}') closed++;
    else if ((char === '[' || char === '{') && closed-- === 0) return index;
  }
  return position;
}
