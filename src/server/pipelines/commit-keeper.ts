import type { Clock } from '../../base/clock.ts';
import { isCompleted, type PipelineStatus } from '../../pipeline/index.ts';
import {
  type LeasedTimer,
  type PipelineRow,
  pipelineById,
  type Store,
  type Timers,
  workKind,
} from '../../store/index.ts';
import { type Commits, type PipelineRefs, pipelineRefName } from '../git/index.ts';

/** A pipeline's ref that is to be taken away. */
export const RELEASE_COMMIT = workKind<ReleaseBody>('release-commit');

/**
 * Keeps a ref on the commit of each pipeline that has jobs to run, so that runners can fetch it when its branch was pushed
 * over or deleted. It goes a while after the pipeline is over, or git would list the refs of all pipelines there ever were.
 * Disposing waits for what is under way.
 */
export interface CommitKeeper extends AsyncDisposable {
  /** Puts the ref of a pipeline that is about to be written, behind the back of whoever writes it. Never throws. */
  begin(project: number, iid: number, hash: string): void;
  /** There is no such pipeline after all, or none that has jobs. */
  abandon(project: number, iid: number): void;
  /** Sees to it that the ref is there before a runner is told to fetch it: a job may be retried after years. */
  keep(pipeline: Pick<PipelineRow, 'project_id' | 'iid' | 'sha'>): Promise<void>;
  statusChanged(pipelineId: number, status: PipelineStatus): Promise<void>;
  releaseDue(timer: LeasedTimer): Promise<void>;
}

export interface CommitKeeperParts {
  readonly store: Store;
  readonly timers: Timers;
  readonly refs: PipelineRefs;
  readonly commits: Commits;
  readonly clock: Clock;
  /** Told when a ref could not be taken away: it harms nobody. */
  readonly failed: (error: unknown) => void;
}

/** What the timer has to know although the pipeline may be deleted by then. */
interface ReleaseBody {
  readonly pipelineId: number;
  readonly projectId: number;
  readonly iid: number;
}

export function createCommitKeeper(parts: CommitKeeperParts): CommitKeeper {
  const { store, timers, refs, commits, clock, failed } = parts;
  /** What is under way, one after the other for each pipeline: git does not wait for its own locks. */
  const underWay = new Map<string, Promise<unknown>>();

  function inTurn(project: number, iid: number, work: () => Promise<void>): Promise<void> {
    const key = `${project} ${iid}`;
    const turn = (underWay.get(key) ?? Promise.resolve()).then(work, work);
    const settled = turn.then(
      () => null,
      () => null,
    );
    underWay.set(key, settled);
    void settled.then(() => underWay.get(key) === settled && underWay.delete(key));
    return turn;
  }

  /** What fails here is done again before a job is given out. */
  function begin(project: number, iid: number, hash: string): void {
    inTurn(project, iid, () => refs.keepForPipeline(project, iid, hash)).catch(() => null);
  }

  function abandon(project: number, iid: number): void {
    inTurn(project, iid, () => refs.release(project, [iid])).catch(failed);
  }

  function keep(pipeline: Parameters<CommitKeeper['keep']>[0]): Promise<void> {
    return inTurn(pipeline.project_id, pipeline.iid, () => keepNow(pipeline));
  }

  async function keepNow({
    project_id: project,
    iid,
    sha,
  }: Parameters<CommitKeeper['keep']>[0]): Promise<void> {
    if ((await commits.resolve(project, pipelineRefName(iid))) === sha) return;
    await refs.keepForPipeline(project, iid, sha);
  }

  async function statusChanged(pipelineId: number, status: PipelineStatus): Promise<void> {
    if (!isCompleted(status)) return;
    const row = await store.read((db) => pipelineById(db, pipelineId));
    if (row === null) return;
    const body = RELEASE_COMMIT.write({ pipelineId, projectId: row.project_id, iid: row.iid });
    const dueAt = clock.now() + RELEASED_AFTER_MS;
    await store.write((tx) =>
      timers.set(tx, { kind: RELEASE_COMMIT.name, key: String(pipelineId), dueAt, body }),
    );
  }

  async function releaseDue({ body }: LeasedTimer): Promise<void> {
    const { pipelineId, projectId, iid } = RELEASE_COMMIT.read(body);
    if ((await unfinished(pipelineId)) !== null) return;
    await inTurn(projectId, iid, () => refs.release(projectId, [iid]));
    // Retried in between: its job may have been given out by now.
    const again = await unfinished(pipelineId);
    if (again !== null) await keep(again);
  }

  async function unfinished(pipelineId: number): Promise<PipelineRow | null> {
    const row = await store.read((db) => pipelineById(db, pipelineId));
    return row === null || row.finished_at !== null ? null : row;
  }

  return {
    ...{ begin, abandon, keep, statusChanged, releaseDue },
    async [Symbol.asyncDispose]() {
      while (underWay.size > 0) await Promise.all(underWay.values());
    },
  };
}

/** A runner that has just been told to fetch is not there yet, and a retry soon after costs nothing. */
const RELEASED_AFTER_MS = 10 * 60_000;
