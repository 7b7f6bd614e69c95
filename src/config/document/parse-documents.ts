import { YAMLException } from 'js-yaml';
import type { Problem } from '../../base/problem.ts';
import { composeDocuments } from './compose.ts';
import { MAX_TEXT } from './limits.ts';
import type { Node, SourceText } from './node.ts';
import { readEvents } from './parse-events.ts';
import { problemAt } from './problem-at.ts';
import { syntaxProblem } from './syntax-problem.ts';

export interface ParsedDocuments {
  /** Empty when the text holds nothing but comments, or when `problems` holds a syntax error. */
  readonly documents: readonly Node[];
  readonly problems: readonly Problem[];
}

/**
 * Reads a file's YAML documents by the rules of YAML 1.1 as GitLab's parser applies them. Whatever the text is, the
 * answer is a tree or Problems with a place: nothing is thrown, and the work is linear in the text (aliases are
 * shared, and what they would expand to is bounded).
 */
export function parseDocuments(file: SourceText): ParsedDocuments {
  if (file.text.length > MAX_TEXT) return { documents: [], problems: [tooLong(file)] };
  try {
    return composeDocuments(file, readEvents(file.text));
  } catch (error) {
    if (error instanceof YAMLException) return { documents: [], problems: [syntaxProblem(file, error)] };
    throw error;
  }
}

function tooLong(file: SourceText): Problem {
  return problemAt(
    { file, start: 0, end: 0 },
    {
      code: 'yaml-too-big',
      message: `The parsed YAML is too big: the file has ${file.text.length} characters, and ${MAX_TEXT} are allowed`,
      hint: 'Split the file and join the parts with `include`.',
    },
  );
}
