import { type Row, SCHEMA_TABLE, type Snapshot } from '../../store/index.ts';
import { traceKey } from '../broker/trace-marks.ts';
import type { Spool } from './spool.ts';
import { itemFrame } from './write-frames.ts';

/** What is to be copied because rows name it, read in the same moment as the rows. */
export interface Named {
  readonly repositories: Spool<RepositoryLine>;
  readonly blobs: Spool<readonly [key: string]>;
  readonly traces: Spool<readonly [key: string]>;
}

/** A project, and then its refs as they were last looked at, and the commits of its pipelines. */
export type RepositoryLine =
  | readonly ['project', id: number, defaultBranch: string]
  | readonly ['ref', hash: string, ref: string]
  | readonly ['commit', hash: string];

/** All rows of all tables. */
export async function* tableFrames(snapshot: Snapshot): AsyncGenerator<Buffer> {
  for (const { name, columns } of snapshot.tables) {
    if (name === SCHEMA_TABLE) continue;
    yield itemFrame({ kind: 'table', name, columns: [...columns] });
    const names = columns.map((column) => column.name);
    for await (const part of snapshot.read(`select ${names.map(quoted).join(', ')} from ${quoted(name)}`)) {
      yield itemFrame({ kind: 'rows', rows: part.map((row) => names.map((column) => written(row, column))) });
    }
  }
  yield itemFrame({ kind: 'counters', counters: { ...(await snapshot.counters()) } });
}

/** Answers with the number of the newest pipeline. */
export async function spoolNames(snapshot: Snapshot, named: Named): Promise<number> {
  await spoolRepositories(snapshot, named.repositories);
  for await (const part of snapshot.read('select blob from artifacts order by id')) {
    for (const { blob } of part) await named.blobs.add([String(blob)]);
  }
  const logs = 'select id from jobs where runner_id is not null or started_at is not null order by id';
  for await (const part of snapshot.read(logs)) {
    for (const { id } of part) await named.traces.add([traceKey(Number(id))]);
  }
  for (const spool of [named.repositories, named.blobs, named.traces]) await spool.close();
  return (await snapshot.counters()).pipelines ?? 0;
}

async function spoolRepositories(snapshot: Snapshot, spool: Named['repositories']): Promise<void> {
  const refs = rowsOf(snapshot, 'select project_id, ref, sha from seen_refs order by project_id, ref');
  const commits = rowsOf(snapshot, 'select distinct project_id, sha from pipelines order by project_id, sha');
  // All three are in the order of the projects, so that none has to be held.
  let [ref, commit] = [await refs.next(), await commits.next()];
  const projects = 'select id, default_branch from projects where deleted_at is null order by id';
  for await (const part of snapshot.read(projects)) {
    for (const { id, default_branch: branch } of part) {
      const project = Number(id);
      await spool.add(['project', project, String(branch)]);
      for (; isUpTo(ref, project); ref = await refs.next()) {
        if (Number(ref.value.project_id) === project) {
          await spool.add(['ref', String(ref.value.sha), String(ref.value.ref)]);
        }
      }
      for (; isUpTo(commit, project); commit = await commits.next()) {
        if (Number(commit.value.project_id) === project)
          await spool.add(['commit', String(commit.value.sha)]);
      }
    }
  }
  await refs.return(undefined);
  await commits.return(undefined);
}

async function* rowsOf(snapshot: Snapshot, query: string): AsyncGenerator<Row, undefined> {
  for await (const part of snapshot.read(query)) yield* part;
  return undefined;
}

function isUpTo(next: IteratorResult<Row, undefined>, project: number): next is IteratorYieldResult<Row> {
  return next.done !== true && Number(next.value.project_id) <= project;
}

/** The names are those of our own schema. */
function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function written(row: Row, column: string): string | number | null {
  const cell = row[column] ?? null;
  return cell instanceof Uint8Array ? Buffer.from(cell).toString('base64') : cell;
}
