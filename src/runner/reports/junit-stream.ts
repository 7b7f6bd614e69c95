import type { TextDecoder } from 'node:util';
import { createJunitReader, type JunitCase, type JunitFile } from './junit-reader.ts';
import { createDecoder } from './xml-decoder.ts';

/** JUnit files that come one after the other as one text, as runners send them. */
export interface JunitStream {
  write(bytes: Buffer): void;
  /** The first thing that was wrong with any of the files, without a full stop; null when nothing was. */
  end(): string | null;
}

/**
 * Reads files that were joined without anything between them: where one ends and the next begins is seen by its root
 * element. A file that is not well-formed is read as far as possible, and the next one begins at its declaration.
 *
 * @param options.onCase called with each case, in the order of the files.
 * @param options.maxText of the text of a failure, in characters.
 */
export async function createJunitStream(options: {
  readonly onCase: (testCase: JunitCase) => void;
  readonly maxText?: number;
}): Promise<JunitStream> {
  const reader = await createJunitReader(options);
  let decoder: TextDecoder | null = null;
  let file: JunitFile | null = null;
  let problem: string | null = null;
  /** The file cannot be read further; another may follow it. */
  let isLost = false;
  /** The beginning of a tag whose end has not come yet. */
  let held = '';

  function endFile(): void {
    const found = file?.end() ?? null;
    problem ??= found;
    file = null;
    isLost = false;
  }

  function writePiece(piece: string): void {
    if (file === null) {
      const text = piece.replace(/^[\s\uFEFF]+/, '');
      if (text === '') return;
      file = reader.startFile();
      isLost = !file.write(text);
    } else if (!isLost) isLost = !file.write(piece);
    if (file.isOver()) endFile();
  }

  function writeText(text: string): void {
    let from = 0;
    for (const { 0: mark, index } of text.matchAll(BORDER)) {
      const isDeclaration = mark === DECLARATION;
      const to = isDeclaration ? index : index + mark.length;
      if (to > from) writePiece(text.slice(from, to));
      from = to;
      // Such a text may stand inside an element, where it is content; after what could not be read it is a beginning.
      if (isDeclaration && isLost) endFile();
    }
    if (from < text.length) writePiece(text.slice(from));
  }

  return {
    write(bytes) {
      decoder ??= createDecoder(bytes);
      const text = held + decoder.decode(bytes, { stream: true });
      const tag = text.lastIndexOf('<');
      const isCut = tag !== -1 && text.length - tag < MAX_HELD && !text.includes('>', tag);
      held = isCut ? text.slice(tag) : '';
      writeText(isCut ? text.slice(0, tag) : text);
    },
    end() {
      const rest = held + (decoder?.decode() ?? '');
      held = '';
      if (rest !== '') writeText(rest);
      if (file !== null) endFile();
      return decoder === null ? 'it is empty' : problem;
    },
  };
}

const DECLARATION = '<?xml';
/** Where a file may end or begin: a declaration, the end of a suite, or a suite without anything in it. */
const BORDER = /<\?xml|<\/testsuites?\s*>|<testsuites?(?:\s[^<>]*)?\/>/g;
/** Of a tag that may be such a border. */
const MAX_HELD = 1024;
