/** What git has under a name. */
export type GitObject =
  | { readonly kind: 'object'; readonly type: ObjectType; readonly id: string; readonly bytes: Buffer }
  /** More bytes than asked for; they are not read. */
  | { readonly kind: 'too-large'; readonly type: ObjectType; readonly bytes: number }
  | { readonly kind: 'none' };

export type ObjectType = 'blob' | 'tree' | 'commit' | 'tag';

export interface ObjectAnswers {
  /**
   * Takes what git printed, and tells each answer that is whole with it. After one that is too large it takes nothing
   * more: the object would follow.
   * @throws RangeError when it is no answer of git's.
   */
  push(chunk: Buffer): void;
}

/**
 * Reads the answers of `git cat-file --batch --follow-symlinks` as they come. `limit`: how many bytes the object may
 * have that is asked for next. Linear in what comes, however it is cut.
 */
export function createObjectAnswers(limit: () => number, found: (object: GitObject) => void): ObjectAnswers {
  let line: Buffer[] = [];
  let lineBytes = 0;
  let body: Body | null = null;
  let isOver = false;

  /** How much of the chunk belongs to the line. */
  function takeLine(chunk: Buffer): number {
    const end = chunk.indexOf(10);
    const part = end === -1 ? chunk : chunk.subarray(0, end);
    line.push(part);
    lineBytes += part.length;
    if (lineBytes > MAX_LINE) throw new RangeError('git answered with a line that has no end.');
    if (end === -1) return chunk.length;
    const header = Buffer.concat(line).toString('utf8');
    line = [];
    lineBytes = 0;
    begin(header);
    return end + 1;
  }

  function begin(header: string): void {
    const [, id = '', type = '', digits] = /^([0-9a-f]{40,64}) (\w+) (\d+)$/.exec(header) ?? [];
    if (digits === undefined || !isObjectType(type)) {
      // A link that leads nowhere; the text of it follows.
      const follows = /^(?:dangling|loop|notdir|symlink) (\d+)$/.exec(header)?.[1];
      if (follows === undefined) found({ kind: 'none' });
      else body = newBody(Number(follows), null);
      return;
    }
    const bytes = Number(digits);
    if (bytes <= limit()) body = newBody(bytes, { type, id });
    else {
      isOver = true;
      found({ kind: 'too-large', type, bytes });
    }
  }

  function takeBody(into: Body, chunk: Buffer): number {
    const part = chunk.subarray(0, into.missing);
    into.parts.push(part);
    into.missing -= part.length;
    if (into.missing === 0) {
      body = null;
      const { object, parts, bytes } = into;
      found(
        object === null
          ? { kind: 'none' }
          : { kind: 'object', ...object, bytes: Buffer.concat(parts).subarray(0, bytes) },
      );
    }
    return part.length;
  }

  return {
    push(chunk) {
      for (let at = 0; at < chunk.length && !isOver; ) {
        const rest = chunk.subarray(at);
        at += body === null ? takeLine(rest) : takeBody(body, rest);
      }
    },
  };
}

interface Body {
  readonly object: { readonly type: ObjectType; readonly id: string } | null;
  readonly bytes: number;
  readonly parts: Buffer[];
  missing: number;
}

/** A line break follows what is asked for. */
function newBody(bytes: number, object: Body['object']): Body {
  return { object, bytes, parts: [], missing: bytes + 1 };
}

/** What is not there is named in the answer as it was asked for. */
const MAX_LINE = 32_768;

function isObjectType(word: string): word is ObjectType {
  return word === 'blob' || word === 'tree' || word === 'commit' || word === 'tag';
}
