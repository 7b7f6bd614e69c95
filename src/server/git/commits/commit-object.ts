import type { GitObject } from './object-answers.ts';
import type { GitObjects } from './objects.ts';

/** A commit as git has it. */
export interface CommitObject {
  readonly id: string;
  readonly tree: string;
  /** `Name <address>` */
  readonly author: string;
  /** When it was committed: ISO 8601 with offset. */
  readonly timestamp: string;
  /** All of it, most often with a line break at its end. */
  readonly message: string;
}

export interface Peeled {
  readonly commit: CommitObject;
  /** The message of the annotated tag that stood before it, without its signature. */
  readonly tagMessage: string | null;
}

/** The commit that a hash or a full ref stands for, also through tags; null when it is of none. */
export async function readCommit(objects: GitObjects, name: string): Promise<Peeled | null> {
  let wanted = name;
  let tagMessage: string | null = null;
  for (let depth = 0; depth < MAX_TAGS; depth++) {
    const found = await objects.read(wanted, MAX_COMMIT_BYTES);
    if (found.kind !== 'object') return null;
    if (found.type === 'commit') return { commit: parseCommit(found), tagMessage };
    const target = found.type === 'tag' ? /^object ([0-9a-f]{40,64})\n/.exec(startOf(found))?.[1] : undefined;
    if (target === undefined) return null;
    tagMessage ??= tagMessageOf(found);
    wanted = target;
  }
  return null;
}

/** A tag of a tag is rare, and a tag of itself cannot be. */
const MAX_TAGS = 10;

/** Far longer than anybody writes; of a message the jobs get the first 100,000 bytes. */
const MAX_COMMIT_BYTES = 10_000_000;

type Found = Extract<GitObject, { kind: 'object' }>;

function startOf({ bytes }: Found): string {
  return bytes.toString('latin1', 0, 100);
}

function parseCommit(found: Found): CommitObject {
  const { headers, message } = partsOf(found.bytes);
  return {
    id: found.id,
    tree: headers.get('tree') ?? '',
    author: readPerson(headers.get('author') ?? '').who,
    timestamp: readPerson(headers.get('committer') ?? '').when,
    message,
  };
}

/** Headers, a line each, then an empty line, then the message. A header's further lines begin with a space. */
function partsOf(bytes: Buffer): { readonly headers: ReadonlyMap<string, string>; readonly message: string } {
  const end = bytes.indexOf('\n\n');
  const head = end === -1 ? bytes : bytes.subarray(0, end);
  const encoding = /^encoding (.+)$/m.exec(head.toString('latin1'))?.[1] ?? 'utf-8';
  const decode = decoderOf(encoding);
  const headers = new Map<string, string>();
  for (const line of decode(head).split('\n')) {
    const space = line.indexOf(' ');
    const name = line.slice(0, space);
    if (space > 0 && !headers.has(name)) headers.set(name, line.slice(space + 1));
  }
  return { headers, message: end === -1 ? '' : decode(bytes.subarray(end + 2)) };
}

/** What nobody knows is read as UTF-8, as everything that does not say what it is. */
function decoderOf(encoding: string): (bytes: Buffer) => string {
  try {
    const known = new TextDecoder(encoding, { ignoreBOM: true });
    return (bytes) => known.decode(bytes);
  } catch {
    return (bytes) => bytes.toString('utf8'); // No encoding of this name is known.
  }
}

/** `Name <address> SECONDS OFFSET`; the time of what is no time is 1970, as git shows it. */
function readPerson(text: string): { readonly who: string; readonly when: string } {
  const end = text.lastIndexOf('>');
  const [, digits = '0', sign = '+', hours = '00', minutes = '00'] =
    /^ (\d{1,12}) ([+-])(\d\d)(\d\d)$/.exec(text.slice(end + 1)) ?? [];
  const offset = (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -60 : 60);
  const local = new Date((Number(digits) + offset) * 1000);
  const isTime = local.getUTCFullYear() >= 1900 && local.getUTCFullYear() <= 9999;
  const when = isTime
    ? `${local.toISOString().slice(0, 19)}${sign}${hours}:${minutes}`
    : '1970-01-01T00:00:00+00:00';
  return { who: text.slice(0, end + 1), when };
}

function tagMessageOf({ bytes }: Found): string {
  const { message } = partsOf(bytes);
  const signature = /^-----BEGIN (?:PGP SIGNATURE|PGP MESSAGE|SSH SIGNATURE|SIGNED MESSAGE)-----/m.exec(
    message,
  );
  return (signature === null ? message : message.slice(0, signature.index)).trimEnd();
}
