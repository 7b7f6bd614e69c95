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
  /** No push, or one that is too long: why, for the pusher. */
  | { readonly kind: 'refused'; readonly why: string };

export interface PushHeadReader {
  /** Not to be called again once the answer was not `more`. What follows the head is not looked at. */
  push(chunk: Buffer): PushHeadResult;
}

/**
 * Reads the list of ref updates and the options from the start of a push, as its bytes come. Nothing is believed: names
 * are UTF-8 without control characters, hashes are hashes, no ref stands twice, and all of it is bounded.
 */
export function createPushHeadReader(limits: PushHeadLimits = PUSH_HEAD_LIMITS): PushHeadReader {
  const packets = createPacketReader();
  const updates = new Map<string, RefUpdate>();
  const options: string[] = [];
  let capabilities: ReadonlySet<string> | null = null;
  let bytes = 0;
  let part: 'updates' | 'options' | 'done' = 'updates';

  /** null: go on. */
  function read(found: Packet): string | null {
    if (found.kind === 'malformed' || found.kind === 'delimiter') return 'this is not the format of a push';
    if (found.kind === 'flush') {
      if (part === 'updates' && updates.size > 0 && !wantsReport(capabilities)) {
        return 'this git is too old: it asks for no report';
      }
      part = part === 'updates' && capabilities?.has('push-options') === true ? 'options' : 'done';
      return null;
    }
    return part === 'options' ? readOption(found.payload) : readUpdate(found.payload);
  }

  function readOption(payload: Buffer): string | null {
    const option = readText(payload);
    if (option === null) return 'a push option is not UTF-8';
    options.push(option);
    return options.length > limits.options ? `it has more than ${limits.options} push options` : null;
  }

  function readUpdate(payload: Buffer): string | null {
    const end = payload.indexOf(0);
    if (capabilities === null) {
      const listed = end === -1 ? '' : payload.toString('latin1', end + 1);
      capabilities = new Set(listed.split(/[ \n]/).filter((word) => word !== ''));
    } else if (end !== -1) return 'this is not the format of a push';
    const line = readText(end === -1 ? payload : payload.subarray(0, end));
    if (line === null) return 'the name of a ref is not UTF-8';
    // Commits without all of their parents: git looks at these.
    if (/^shallow [0-9a-f]{40,64}$/.test(line)) return null;
    const [, before, after, ref] = UPDATE.exec(line) ?? [];
    if (before === undefined || after === undefined || ref === undefined)
      return 'this is not the format of a push';
    if (before.length !== after.length) return 'its hashes are of different kinds';
    if (updates.has(ref)) return `it names ${ref} twice`;
    updates.set(ref, { ref, before: readHash(before), after: readHash(after) });
    return updates.size > limits.updates ? `it changes more than ${limits.updates} refs at once` : null;
  }

  return {
    push(chunk) {
      bytes += chunk.length;
      packets.push(chunk);
      for (let found = packets.next(); found !== null; found = packets.next()) {
        const why = read(found);
        if (why !== null) return { kind: 'refused', why };
        if (part === 'done') {
          const head = {
            updates: [...updates.values()],
            capabilities: capabilities ?? new Set<string>(),
            options,
          };
          return { kind: 'head', head };
        }
      }
      return bytes > limits.bytes
        ? { kind: 'refused', why: `its list of refs is longer than ${limits.bytes} bytes` }
        : { kind: 'more' };
    },
  };
}

/** Without a report nobody, the pusher included, would know what was done. git asks for it since 2005. */
function wantsReport(capabilities: ReadonlySet<string> | null): boolean {
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

/** A line's text without its line break; null when it is not UTF-8. */
function readText(payload: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(payload).replace(/\n$/, '');
  } catch {
    return null; // That is the question.
  }
}
