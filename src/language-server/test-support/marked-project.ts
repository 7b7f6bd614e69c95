import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { LanguageClient } from './language-client.ts';

/** A git repository on disk whose files are opened in a client, with the cursor where `‸` stands in one of them. */
export interface MarkedProject extends Disposable {
  readonly root: string;
  uri(path: string): string;
  /** The file with the mark, as parameters of a request. */
  readonly at: { readonly textDocument: { readonly uri: string }; readonly position: Position };
  /** Texts as they are on disk, without the mark. */
  readonly texts: Readonly<Record<string, string>>;
  /** Replaces the whole text of an open file, and answers where the mark stands in it. */
  change(path: string, text: string): Position;
}

const MARK = '‸';

/** Opens the marked file, or the first one, and those named in `open`. */
export function openProject(
  client: LanguageClient,
  files: Readonly<Record<string, string>>,
  open: readonly string[] = [],
): MarkedProject {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'slipway-lsp-')));
  execFileSync('git', ['init', '--quiet', '--initial-branch=main', root]);
  const texts: Record<string, string> = {};
  let marked = Object.keys(files)[0] ?? '';
  let position = { line: 0, character: 0 };
  for (const [path, text] of Object.entries(files)) {
    if (text.includes(MARK)) [marked, position] = [path, markedPosition(text)];
    texts[path] = text.replace(MARK, '');
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), texts[path] ?? '');
  }
  const uri = (path: string) => pathToFileURL(join(root, path)).href;
  const opened = new Set([marked, ...open]);
  for (const path of opened) {
    const textDocument = { uri: uri(path), languageId: 'yaml', version: 1, text: texts[path] ?? '' };
    client.notify('textDocument/didOpen', { textDocument });
  }
  let version = 1;
  return {
    root,
    uri,
    texts,
    at: { textDocument: { uri: uri(marked) }, position },
    change(path, text) {
      version++;
      client.notify('textDocument/didChange', {
        textDocument: { uri: uri(path), version },
        contentChanges: [{ text: text.replace(MARK, '') }],
      });
      return markedPosition(text);
    },
    [Symbol.dispose]() {
      for (const path of opened) client.notify('textDocument/didClose', { textDocument: { uri: uri(path) } });
      rmSync(root, { recursive: true, force: true });
    },
  };
}

export interface Position {
  readonly line: number;
  readonly character: number;
}

interface Range {
  readonly start: Position;
  readonly end: Position;
}

function markedPosition(text: string): Position {
  const lines = text.slice(0, Math.max(text.indexOf(MARK), 0)).split(/\r\n|\r|\n/);
  return { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
}

/** The lines of a range, and what it holds: `3:2 build`. */
export function shownRange(text: string, { start, end }: Range): string {
  const lines = text.split(/\r\n|\r|\n/);
  const held =
    start.line === end.line
      ? (lines[start.line] ?? '').slice(start.character, end.character)
      : `${(lines[start.line] ?? '').slice(start.character)}…`;
  return `${start.line + 1}:${start.character + 1} ${held}`;
}
