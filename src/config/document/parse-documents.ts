import { YAMLException } from 'js-yaml';
import type { Problem } from '../../base/problem.ts';
import { composeDocuments } from './compose.ts';
import { MAX_TEXT } from './limits.ts';
import type { Node, SourceText } from './node.ts';
import { readEvents, readEventsAfterBackslash } from './parse-events.ts';
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
 *
 * With `afterBackslash` a line of a list's item may start below its dash when the line before ends with a backslash,
 * which `yaml-continuation` warns of. Files for CodeBuild are found so; GitLab refuses them.
 */
export function parseDocuments(
  file: SourceText,
  options: { readonly afterBackslash?: boolean } = {},
): ParsedDocuments {
  if (file.text.length > MAX_TEXT) return { documents: [], problems: [tooLong(file)] };
  try {
    if (options.afterBackslash !== true) return composeDocuments(file, readEvents(file.text));
    const { events, moved } = readEventsAfterBackslash(file.text);
    const { documents, problems } = composeDocuments(file, events);
    return { documents, problems: [...moved.map((offset) => continuation(file, offset)), ...problems] };
  } catch (error) {
    if (error instanceof YAMLException) return { documents: [], problems: [syntaxProblem(file, error)] };
    throw error;
  }
}

function continuation(file: SourceText, lineStart: number): Problem {
  const lineEnd = file.text.indexOf('\n', lineStart);
  const line = file.text.slice(lineStart, lineEnd < 0 ? undefined : lineEnd);
  const start = lineStart + line.length - line.trimStart().length;
  return problemAt(
    { file, start, end: lineStart + line.trimEnd().length },
    {
      severity: 'warning',
      code: 'yaml-continuation',
      message:
        'The line continues the one above, although it is not indented further than the dash of its item',
      hint: 'Indent it. YAML joins the two with a blank, and the backslash makes a shell take that for a part of the word: without the backslash they are two words.',
    },
  );
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
