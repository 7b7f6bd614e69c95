import { type FoundKeyword, findKeyword, ROOT_KEYWORDS } from '../../config/index.ts';
import { localPath } from '../names/collect-from-includes.ts';
import { textOf } from '../names/collector.ts';
import { namesIn } from '../names/find-names.ts';
import type { Scope } from '../project/project.ts';
import type { CursorPlace } from '../syntax/cursor-place.ts';
import { inputCandidates } from './complete-from-files.ts';
import type { Candidate } from './completion.ts';
import { keywordText } from './keyword-text.ts';

/** The keywords that can stand as a key here and do not yet; in `include:inputs`, the inputs that the file declares. */
export function keyCandidates(scope: Scope, place: CursorPlace): readonly Candidate[] {
  const taken = new Set(place.siblings.map(({ key }) => textOf(key)));
  const candidates = [...keywordsBelow(scope, place), ...inputsOfInclude(scope, place)];
  return candidates.filter(({ label }) => !taken.has(label));
}

/** The words that the value can be. */
export function wordCandidates(keys: readonly string[]): readonly Candidate[] {
  const found = findKeyword(keys);
  return (found?.words ?? []).map((word) => ({
    label: word,
    kind: 'word',
    detail: found?.path ?? '',
    text: '',
  }));
}

function keywordsBelow({ file }: Scope, { keys, isHeader }: CursorPlace): readonly Candidate[] {
  if (keys.length > 0) {
    return (findKeyword(keys)?.below ?? []).map((name) =>
      keywordCandidate(name, findKeyword([...keys, name])),
    );
  }
  if (isHeader) return [keywordCandidate('spec', findKeyword(['spec']))];
  const here = new Set([...namesIn([file], 'key', 'definition')].map(({ occurrence }) => occurrence.name));
  return ROOT_KEYWORDS.filter((name) => !here.has(name)).map((name) =>
    keywordCandidate(name, findKeyword([name])),
  );
}

function keywordCandidate(label: string, found: FoundKeyword | null): Candidate {
  return {
    label,
    kind: 'keyword',
    detail: found?.path ?? '',
    text: found === null ? '' : keywordText(found),
  };
}

/** `inputs` beside `local`: what the header of that file asks for. */
function inputsOfInclude({ files }: Scope, { keys, around }: CursorPlace): readonly Candidate[] {
  if (keys.at(-1) !== 'inputs' || keys.at(-2) !== 'include') return [];
  const local = around.find(({ key }) => textOf(key) === 'local');
  const path = localPath(textOf(local?.value) ?? '');
  return inputCandidates(files.filter((file) => file.path === path));
}
