import type { CursorPlace } from '../syntax/cursor-place.ts';
import { escapedFor, yamlText } from '../syntax/yaml-text.ts';
import type { Candidate, Completion } from './completion.ts';

/** A key with the colon behind it, unless there is one. */
export function asKey(candidate: Candidate, place: CursorPlace): Completion {
  const name =
    place.quote === null ? yamlText(candidate.label, place.flow) : escapedFor(place.quote, candidate.label);
  return {
    ...candidate,
    range: place.typed,
    insert: place.hasColon || place.quote !== null ? name : `${name}: `,
  };
}

/** A value, in quotes where it needs them. */
export function asValue(candidate: Candidate, place: CursorPlace): Completion {
  const insert =
    place.quote === null ? valueText(candidate, place) : escapedFor(place.quote, candidate.label);
  return { ...candidate, range: place.typed, insert };
}

/** `true` as a word is the boolean; as a name it would need quotes. */
function valueText({ label, kind }: Candidate, { flow }: CursorPlace): string {
  return kind === 'word' ? label : yamlText(label, flow);
}
