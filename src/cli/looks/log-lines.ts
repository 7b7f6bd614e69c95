/**
 * A job's log, cut anywhere, turned into lines that are safe to show among other things on a terminal: GitLab's section
 * markers become header lines, text that a carriage return overwrote is gone as on a terminal, colours stay (when
 * wanted) and end with their line, and every other control sequence is dropped, so that no log can move the cursor,
 * clear the screen or set the title.
 */
export interface LogLines {
  write(bytes: Uint8Array): void;
  /** The end of the log: what is left becomes a line. */
  end(): void;
  /** The line that is being written, as it looks now. */
  unfinished(): string;
}

export interface LogLine {
  readonly text: string;
  /** The header of a section. */
  readonly header: boolean;
}

export function readLogLines(colours: boolean, emit: (line: LogLine) => void): LogLines {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let pending = '';
  /** The colours that the lines so far have switched on. */
  let look = '';

  function take(text: string): void {
    pending += text;
    let start = 0;
    for (let end = pending.indexOf('\n'); end !== -1; end = pending.indexOf('\n', start)) {
      emitLine(pending.slice(start, end));
      start = end + 1;
    }
    pending = pending.slice(start);
    while (pending.length > LONGEST_LINE) {
      const cut = safeCut(pending);
      emitLine(pending.slice(0, cut));
      pending = pending.slice(cut);
    }
  }

  function emitLine(raw: string): void {
    if (PLAIN.test(raw)) {
      emit({ text: coloured(raw), header: false });
      return;
    }
    const [before = '', ...headers] = raw.replaceAll(SECTION_END, '').split(SECTION_START);
    if (headers.length === 0 || VISIBLE.test(clean(before, false))) {
      // A line that was nothing but the end of a section is not one of the job's.
      if (before !== '' || raw === before) emit({ text: coloured(lastWritten(before)), header: false });
    }
    for (const header of headers) emit({ text: clean(header, false).trim(), header: true });
  }

  function coloured(text: string): string {
    if (!colours) return clean(text, false);
    const cleaned = look + clean(text, true);
    for (const code of text.match(LOOK) ?? []) look = ENDS_LOOK.test(code) ? '' : (look + code).slice(-64);
    return cleaned.includes('\u001b') ? `${cleaned}\u001b[0m` : cleaned;
  }

  return {
    write: (bytes) => take(decoder.decode(bytes, { stream: true })),
    end() {
      take(decoder.decode());
      if (pending !== '') emitLine(pending);
      pending = '';
    },
    unfinished: () => clean(lastWritten(pending.slice(-1024)), false),
  };
}

/** What a terminal shows after carriage returns: the last text that was written over the others. */
function lastWritten(text: string): string {
  if (!text.includes('\r')) return text;
  return text.split('\r').findLast((part) => part !== '' && VISIBLE.test(clean(part, false))) ?? '';
}

function clean(text: string, keepLook: boolean): string {
  if (PLAIN.test(text)) return text;
  return text.replaceAll(CONTROL, (sequence) => (keepLook && IS_LOOK.test(sequence) ? sequence : ''));
}

/** Not in the middle of an escape sequence, nor of a character's two halves. */
function safeCut(text: string): number {
  const sequence = text.lastIndexOf('\u001b', LONGEST_LINE);
  if (sequence > LONGEST_LINE - 128) return sequence;
  return (text.codePointAt(LONGEST_LINE - 1) ?? 0) > 0xffff ? LONGEST_LINE - 1 : LONGEST_LINE;
}

/** A job that never ends its line is shown in pieces of this many characters, so that it cannot fill the memory. */
const LONGEST_LINE = 64 * 1024;

const PLAIN = /^[^\u0000-\u0008\u000a-\u001f\u007f-\u009f]*$/;
const VISIBLE = /\S/;
const SECTION_START = /(?:\u001b\[0K)?section_start:\d+:[\w.-]+(?:\[[^\]\r\n]*\])?\r\u001b\[0K/;
const SECTION_END = /(?:\u001b\[0K)?section_end:\d+:[\w.-]+\r\u001b\[0K/g;
/** CSI, OSC and the other string sequences, short escapes, and bare control characters but the tab. */
const CONTROL =
  /\u001b\[[0-?]*[ -/]*(?:[@-~]|$)|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|\u001b[PX^_][^\u001b]*(?:\u001b\\)?|\u001b[ -/]*[0-~]|[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/g;
const LOOK = /\u001b\[[0-9;:]*m/g;
const IS_LOOK = /^\u001b\[[0-9;:]*m$/;
const ENDS_LOOK = /^\u001b\[0*(?:;0*)*m$/;
