import { EVENT_ID, type Event, parseEvents, YAMLException } from 'js-yaml';
import { indentAfterBackslash } from './continue-lines.ts';
import { MAX_DEPTH } from './limits.ts';
import { type Indented, indentContinuations, originalOffset } from './relax-indentation.ts';

/**
 * The parser's events for a text. The parser follows YAML 1.2, where the lines of a `[list]`, `{mapping}` or quoted
 * text must be indented further than their key; GitLab's does not ask for that, and people write
 *
 *     script: [
 *       make
 *     ]
 *
 * with the bracket under the key. Such a text is parsed a second time with those lines indented, and the events'
 * offsets are translated back. Throws the parser's YAMLException, about the text as it was given.
 */
export function readEvents(text: string): readonly Event[] {
  try {
    return parseEvents(text, OPTIONS);
  } catch (error) {
    if (!(error instanceof YAMLException) || error.reason !== 'deficient indentation') throw error;
    return readIndented(text, error);
  }
}

/**
 * As `readEvents`; where that fails, a line after a backslash may also be as far to the left as its list's dash. `moved`
 * holds the offsets of such lines, which the text's author should hear of: nobody else reads it so.
 */
export function readEventsAfterBackslash(text: string): {
  readonly events: readonly Event[];
  readonly moved: readonly number[];
} {
  try {
    return { events: readEvents(text), moved: [] };
  } catch (error) {
    const indented = error instanceof YAMLException ? indentAfterBackslash(text) : null;
    if (indented === null) throw error;
    return { events: parseIndented(indented), moved: indented.at };
  }
}

// The parser counts a mapping's key as one level more than the mapping itself.
const OPTIONS = { maxDepth: MAX_DEPTH + 2 };

function readIndented(text: string, first: YAMLException): readonly Event[] {
  const indented = indentContinuations(text);
  if (indented === null) throw first;
  return parseIndented(indented);
}

function parseIndented(indented: Indented): readonly Event[] {
  try {
    return parseEvents(indented.text, OPTIONS).map((event) => translate(event, indented));
  } catch (error) {
    if (!(error instanceof YAMLException) || error.mark === undefined) throw error;
    const position = originalOffset(indented, error.mark.position);
    throw new YAMLException(error.reason, { ...error.mark, position });
  }
}

function translate(event: Event, indented: Indented): Event {
  const back = (offset: number) => (offset < 0 ? offset : originalOffset(indented, offset));
  switch (event.type) {
    case EVENT_ID.DOCUMENT:
    case EVENT_ID.POP:
      return event;
    case EVENT_ID.ALIAS:
      return { ...event, anchorStart: back(event.anchorStart), anchorEnd: back(event.anchorEnd) };
    case EVENT_ID.SCALAR:
      return {
        ...event,
        ...properties(event, back),
        valueStart: back(event.valueStart),
        valueEnd: back(event.valueEnd),
      };
    default:
      return { ...event, ...properties(event, back), start: back(event.start) };
  }
}

interface Properties {
  readonly anchorStart: number;
  readonly anchorEnd: number;
  readonly tagStart: number;
  readonly tagEnd: number;
}

function properties(event: Properties, back: (offset: number) => number): Properties {
  return {
    anchorStart: back(event.anchorStart),
    anchorEnd: back(event.anchorEnd),
    tagStart: back(event.tagStart),
    tagEnd: back(event.tagEnd),
  };
}
