import type { TextRange } from '../../config/index.ts';
import type { Scope } from '../project/project.ts';
import { cursorPlace } from '../syntax/cursor-place.ts';
import { blockAt } from '../syntax/file-index.ts';
import { lineStart } from '../syntax/line-start.ts';
import { anchorCandidates, includeCandidates, inputCandidates } from './complete-from-files.ts';
import { keyCandidates, wordCandidates } from './complete-keywords.ts';
import { nameCandidates, referenceCandidates } from './complete-names.ts';
import { variableCandidates } from './complete-variables.ts';
import { completeFields } from './fields.ts';
import { asKey, asValue } from './insertion.ts';

/** Something that can stand at the cursor, before it is written as YAML. */
export interface Candidate {
  readonly label: string;
  readonly kind: 'keyword' | 'word' | 'job' | 'template' | 'stage' | 'variable' | 'input' | 'file' | 'anchor';
  /** In a few words what it is. */
  readonly detail: string;
  /** Markdown. */
  readonly text: string;
}

export interface Completion extends Candidate {
  readonly range: TextRange;
  readonly insert: string;
}

/** All that can stand at the cursor, the likeliest first. `paths`: the files that an include may name. */
export function complete(scope: Scope, offset: number, paths: readonly string[]): readonly Completion[] {
  const { file, fields } = scope;
  if (fields !== null) return completeFields(file, fields, offset);
  const line = file.text.slice(lineStart(file.text, offset), offset);
  const named = afterDollar(scope, line, offset);
  if (named !== null) return named;
  const place = cursorPlace(file, offset);
  if (place === null) return [];
  const alias = /^\*([\w.-]*)$/.exec(file.text.slice(place.typed.start, offset))?.[1];
  if (alias !== undefined) {
    const range = { start: offset - alias.length, end: offset };
    return anchorCandidates(file, offset).map((candidate) => ({
      ...candidate,
      range,
      insert: candidate.label,
    }));
  }
  const owner = place.keys[0] ?? '';
  const keys = place.kind === 'key' ? keyCandidates(scope, place).map((one) => asKey(one, place)) : [];
  if (place.kind === 'key' && !place.mayBeValue) return keys;
  const candidates =
    place.reference !== null
      ? referenceCandidates(scope, place.reference)
      : [
          ...nameCandidates(scope, place.keys, owner),
          ...includeCandidates(place.keys, file.path, paths),
          ...wordCandidates(place.keys),
        ];
  return [...candidates.map((one) => asValue(one, place)), ...keys];
}

const VARIABLE = /(?:^|[^$])\$\{?([A-Za-z_]\w*)?$/;
const INPUT = /\$\[\[\s*(?:inputs\.)?([\w-]*)$/;

/** Variables after `$` and inputs after `$[[`, wherever a text is. */
function afterDollar(scope: Scope, line: string, offset: number): readonly Completion[] | null {
  const input = INPUT.exec(line);
  if (input !== null) {
    const hasPrefix = /inputs\.[\w-]*$/.test(line);
    const range = { start: offset - (input[1]?.length ?? 0), end: offset };
    return inputCandidates([scope.file]).map((candidate) => ({
      ...candidate,
      range,
      insert: hasPrefix ? candidate.label : `inputs.${candidate.label}`,
    }));
  }
  const variable = VARIABLE.exec(line);
  if (variable === null || /^\s*#/.test(line)) return null;
  const range = { start: offset - (variable[1]?.length ?? 0), end: offset };
  const owner = ownerAt(scope, offset);
  return variableCandidates(scope, owner).map((candidate) => ({
    ...candidate,
    range,
    insert: candidate.label,
  }));
}

/** The key at the root that the cursor is below. */
function ownerAt({ file }: Scope, offset: number): string {
  const tree = blockAt(file, offset)?.content.tree;
  const key = tree?.kind === 'mapping' ? tree.pairs[0]?.key : undefined;
  return key?.kind === 'scalar' ? key.value : '';
}
