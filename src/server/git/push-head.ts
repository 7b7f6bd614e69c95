import { createPacketReader, type Packet } from './pkt-line.ts';
import { type RefUpdate, readHash } from './ref-update.ts';

/** What stands in a push before its objects (gitprotocol-pack(5), "Reference Update Request"). */
export interface PushHead {
  readonly updates: readonly RefUpdate[];
  /** As the client named them, with a value where there is one: `report-status`, `agent=git/2.39`. */
  readonly capabilities: ReadonlySet<string>;
  readonly options: readonly string[];
}

export type PushHeadResult =
  | { readonly kind: 'more' }
  | { readonly kind: 'head'; readonly head: PushHead }
  | RefusedHead;

/** No push, or one that is not taken as it is. */
export interface RefusedHead {
  readonly kind: 'refused';
  /** For the pusher. */
  readonly why: string;
  /** null: not even that was understood. */
  readonly capabilities: ReadonlySet<string> | null;
  /** The names that were read, as their bytes came: they may be no UTF-8. */
  readonly refs: readonly Buffer[];
  /** Whether a client of git goes on after it, with more of the list or with objects. */
  readonly hasMore: boolean;
}

export interface PushHeadReader {
  /** Not to be called again once the answer was not `more`. What follows the head is not looked at. */
  push(chunk: Buffer): PushHeadResult;
  /** What there is to say when nothing more comes although the answer was `more`. */
  end(): RefusedHead;
}

/**
 * Reads the list of ref updates and the options from the start of a push, as its bytes come. Nothing is believed: names
 * are UTF-8 without control characters, hashes are hashes, no ref stands twice, and all of it is bounded. A head with such a
 * mistake is read to its end, so that the answer can name all refs and comes when the client listens.
 */
export function createPushHeadReader(limits: PushHeadLimits = PUSH_HEAD_LIMITS): PushHeadReader {
  const packets = createPacketReader();
  const updates = new Map<string, RefUpdate>();
  const options: string[] = [];
  const refs: Buffer[] = [];
  let capabilities: ReadonlySet<string> | null = null;
  let mistake: string | null = null;
  let hasObjects = false;
  let bytes = 0;
  let part: 'updates' | 'options' | 'done' = 'updates';

  /** null: this is the format of a push. */
  function read(found: Packet): string | null {
    if (found.kind === 'malformed' || found.kind === 'delimiter') return NO_PUSH;
    if (found.kind === 'flush') {
      if (part === 'updates' && refs.length > 0 && !wantsReport(capabilities)) {
        mistake ??= 'this git is too old: it asks for no report';
      }
      part = part === 'updates' && capabilities?.has('push-options') === true ? 'options' : 'done';
      return null;
    }
    if (part === 'updates') return readUpdate(found.payload);
    readOption(found.payload);
    return null;
  }

  function readOption(payload: Buffer): void {
    const option = readText(payload);
    if (option === null) mistake ??= 'a push option is not UTF-8';
    else if (options.length === limits.options) mistake ??= `it has more than ${limits.options} push options`;
    else options.push(option);
  }

  function readUpdate(payload: Buffer): string | null {
    const end = payload.indexOf(0);
    if (capabilities === null) {
      const listed = end === -1 ? '' : payload.toString('latin1', end + 1);
      capabilities = new Set(listed.split(/[ \n]/).filter((word) => word !== ''));
    } else if (end !== -1) return NO_PUSH;
    // One character a byte: what is not UTF-8 is read, too.
    const line = payload.toString('latin1', 0, end === -1 ? payload.length : end).replace(/\n$/, '');
    // Commits without all of their parents: git looks at these.
    if (/^shallow [0-9a-f]{40,64}$/.test(line)) return null;
    const [, before, after, name] = UPDATE.exec(line) ?? [];
    if (before === undefined || after === undefined || name === undefined) return NO_PUSH;
    if (before.length !== after.length) return 'its hashes are of different kinds';
    const named = Buffer.from(name, 'latin1');
    refs.push(named);
    if (readHash(after) !== null) hasObjects = true;
    const ref = readText(named);
    if (ref === null) mistake ??= 'the name of a ref is not UTF-8';
    else if (updates.has(ref)) mistake ??= 'it names one ref twice';
    else if (updates.size === limits.updates)
      mistake ??= `it changes more than ${limits.updates} refs at once`;
    else updates.set(ref, { ref, before: readHash(before), after: readHash(after) });
    return null;
  }

  function refuse(why: string, hasMore: boolean): RefusedHead {
    return { kind: 'refused', why: mistake ?? why, capabilities, refs, hasMore };
  }

  return {
    push(chunk) {
      bytes += chunk.length;
      packets.push(chunk);
      for (let found = packets.next(); found !== null; found = packets.next()) {
        const why = read(found);
        if (why !== null) return refuse(why, false);
        if (part !== 'done') continue;
        if (mistake !== null) return refuse(mistake, hasObjects);
        const asked = capabilities ?? new Set<string>();
        return { kind: 'head', head: { updates: [...updates.values()], capabilities: asked, options } };
      }
      return bytes > limits.bytes
        ? refuse(`its list of refs is longer than ${limits.bytes} bytes`, true)
        : { kind: 'more' };
    },
    end: () => refuse('it ends in the midst of its list of refs', false),
  };
}

const NO_PUSH = 'this is not the format of a push';

/** Without a report nobody, the pusher included, would know what was done. git asks for it since 2005. */
export function wantsReport(capabilities: ReadonlySet<string> | null): boolean {
  return capabilities?.has('report-status') === true || capabilities?.has('report-status-v2') === true;
}

export interface PushHeadLimits {
  readonly bytes: number;
  readonly updates: number;
  readonly options: number;
}

/** More than any person pushes at once; a mirror of a repository with more refs is pushed in parts. */
export const PUSH_HEAD_LIMITS: PushHeadLimits = { bytes: 4_000_000, updates: 20_000, options: 500 };

const UPDATE = /^([0-9a-f]{40}|[0-9a-f]{64}) ([0-9a-f]{40}|[0-9a-f]{64}) ([^\u0000-\u0020\u007f]+)$/i;

/** A text without a line break at its end; null when it is not UTF-8. */
function readText(payload: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(payload).replace(/\n$/, '');
  } catch {
    return null; // That is the question.
  }
}
