import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';

/**
 * What a backup consists of, in the order it stands there. A file begins with a line that names the format and its
 * version; behind it is one stream, compressed with Zstandard, of frames: a byte for the kind, four for the length, and
 * that many bytes. A frame is an item (JSON) or a piece of content, which belongs to the item before it up to `end`.
 *
 * Nothing in it depends on where it comes from: rows are those of either database, repositories are packs, and blobs
 * are the same in a folder and in S3.
 */
export const MAGIC = 'slipway-backup 1\n';

export const FRAME = { item: 0x7b, content: 0x23 } as const;

/** Of one frame. A row is never in parts, and the largest hold the plan of a pipeline. */
export const MAX_ITEM_BYTES = 64 * 1024 * 1024;
export const MAX_CONTENT_BYTES = 1024 * 1024;

const Name = Type.String({ maxLength: 1000 });
const Count = Type.Integer({ minimum: 0 });
const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' });

const ITEMS = [
  /** The first. */
  Type.Object({
    kind: Type.Literal('backup'),
    /** Of the program that made it. */
    program: Name,
    schema: Type.Integer({ minimum: 1 }),
    takenAt: Count,
    database: Name,
  }),
  Type.Object({
    kind: Type.Literal('table'),
    name: Name,
    columns: Type.Array(Type.Object({ name: Name, bytes: Type.Boolean() }), { minItems: 1, maxItems: 1000 }),
  }),
  /** Of the table before it. Bytes are base64. */
  Type.Object({
    kind: Type.Literal('rows'),
    rows: Type.Array(Type.Array(Type.Union([Type.String(), Type.Number(), Type.Null()]))),
  }),
  Type.Object({ kind: Type.Literal('counters'), counters: Type.Record(Name, Count) }),
  /** With content: a pack of everything in it; none when it is empty. */
  Type.Object({
    kind: Type.Literal('repository'),
    project: Type.Integer({ minimum: 1 }),
    defaultBranch: Name,
  }),
  /** Of the repository before it. */
  Type.Object({
    kind: Type.Literal('refs'),
    refs: Type.Array(
      Type.Tuple([
        Type.String({ maxLength: 5000 }),
        Type.String({ pattern: '^([0-9a-f]{40}|[0-9a-f]{64})$' }),
      ]),
    ),
  }),
  /** With content. */
  Type.Object({ kind: Type.Literal('blob'), key: Name }),
  /** With content: the log of a job. */
  Type.Object({ kind: Type.Literal('trace'), key: Name }),
  /** Rows name it, and it was removed before it could be copied. */
  Type.Object({ kind: Type.Literal('missing'), key: Name }),
  /** With content: a file of the data folder. */
  Type.Object({ kind: Type.Literal('file'), name: Name }),
  /** Of content. Not `whole`: its source was taken away meanwhile, and it counts as missing. */
  Type.Object({ kind: Type.Literal('end'), bytes: Count, sha256: Sha256, whole: Type.Boolean() }),
  /** The last: of everything before it, frames and their heads. */
  Type.Object({ kind: Type.Literal('seal'), bytes: Count, sha256: Sha256 }),
] as const;

const Item = Type.Union([...ITEMS]);

export type BackupItem = Static<typeof Item>;
export type ItemOf<K extends BackupItem['kind']> = Extract<BackupItem, { kind: K }>;

const checked = Compile(Item);

/** Throws an Error for what is none. */
export function readItem(bytes: Buffer): BackupItem {
  const value: unknown = JSON.parse(bytes.toString('utf8'));
  if (!checked.Check(value)) throw new Error('an item is not as the format wants it');
  return value;
}
