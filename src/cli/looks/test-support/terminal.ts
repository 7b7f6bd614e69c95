import { EventEmitter } from 'node:events';
import type { Screen } from '../display.ts';

/**
 * A small terminal: keeps what a person would see after everything that was written, scrolled lines included. It knows
 * the sequences that a display may use and fails on any other, so a control sequence that slipped through is found.
 */
export interface Terminal extends Screen {
  /** All lines, the scrolled away ones first, without trailing empty ones. */
  lines(): readonly string[];
  /** Everything that was written. */
  written(): string;
  readonly writes: number;
  readonly cursorHidden: boolean;
  resize(columns: number, rows: number): void;
  /** The reader has caught up. */
  drain(): void;
}

export function createTerminal(columns = 80, rows = 24): Terminal {
  const events = new EventEmitter();
  let size = { columns, rows };
  let cells: string[] = [''];
  let row = 0;
  let column = 0;
  let written = '';
  let writes = 0;
  let hidden = false;

  function put(character: string): void {
    if (column >= size.columns) newLine();
    const line = (cells[row] ?? '').padEnd(column);
    cells[row] = line.slice(0, column) + character + line.slice(column + 1);
    column++;
  }

  function newLine(): void {
    row++;
    column = 0;
    cells[row] ??= '';
  }

  function control(sequence: string): void {
    const up = /^\u001b\[(\d+)A$/.exec(sequence);
    if (up !== null) row = Math.max(0, row - Number(up[1]));
    else if (sequence === '\u001b[J') {
      cells = cells.slice(0, row + 1);
      cells[row] = (cells[row] ?? '').slice(0, column);
    } else if (sequence === '\u001b[?25l') hidden = true;
    else if (sequence === '\u001b[?25h') hidden = false;
    else if (!/^\u001b\[(?:\?2026[hl]|[0-9;]*m)$/.test(sequence)) {
      throw new Error(`unexpected control sequence ${JSON.stringify(sequence)}`);
    }
  }

  return {
    get columns() {
      return size.columns;
    },
    get rows() {
      return size.rows;
    },
    get writes() {
      return writes;
    },
    get cursorHidden() {
      return hidden;
    },
    write(text) {
      writes++;
      written += text;
      for (const [part] of text.matchAll(/\u001b\[[0-?]*[ -/]*[@-~]|[\s\S]/gu)) {
        if (part.startsWith('\u001b')) control(part);
        else if (part === '\n') newLine();
        else if (part === '\r') column = 0;
        else if (part < ' ') throw new Error(`unexpected control character ${JSON.stringify(part)}`);
        else put(part);
      }
      return true;
    },
    on: (event, listener) => events.on(event, listener),
    off: (event, listener) => events.off(event, listener),
    resize(newColumns, newRows) {
      size = { columns: newColumns, rows: newRows };
      events.emit('resize');
    },
    drain: () => void events.emit('drain'),
    lines: () => cells.slice(0, cells.findLastIndex((line) => line.trim() !== '') + 1),
    written: () => written,
  };
}
