import { type Blobs, type Outbox, type Tx, workKind } from '../../store/index.ts';
import { traceKey } from '../broker/trace-marks.ts';

interface RemovedBlobs {
  readonly blobs: readonly string[];
  /** Of the jobs whose logs go. */
  readonly logsOf: readonly number[];
}

/** Files that nothing names any more. */
export const BLOB_REMOVALS = workKind<RemovedBlobs>('blobs');

/**
 * Has files removed once the transaction is committed in which the rows that named them go: a crash in between leaves
 * neither rows without files nor files for ever.
 */
export async function orderBlobRemoval(
  outbox: Outbox,
  tx: Tx,
  { blobs = [], logsOf = [] }: Partial<RemovedBlobs>,
): Promise<void> {
  const bodies: RemovedBlobs[] = [
    ...slices(blobs).map((some) => ({ blobs: some, logsOf: [] })),
    ...slices(logsOf).map((some) => ({ blobs: [], logsOf: some })),
  ];
  const [one = '0'] = [...blobs, ...logsOf.map(String)];
  await outbox.append(
    tx,
    bodies.map((body, at) => ({
      topic: BLOB_REMOVALS.name,
      key: `${one} ${at}`,
      body: BLOB_REMOVALS.write(body),
    })),
  );
}

/** Removes the files of an entry; those that are gone already are no error. */
export async function carryOutBlobRemoval(blobs: Blobs, { body }: { readonly body: string }): Promise<void> {
  const removed = BLOB_REMOVALS.read(body);
  for (const key of removed.blobs) await blobs.delete(key);
  for (const job of removed.logsOf) await blobs.traces.delete(traceKey(job));
}

function slices<T>(all: readonly T[]): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / AT_ONCE) }, (_, at) =>
    all.slice(at * AT_ONCE, (at + 1) * AT_ONCE),
  );
}

/** So that an entry is carried out well within its lease. */
const AT_ONCE = 200;
