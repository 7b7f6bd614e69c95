import { AppError } from '../../base/app-error.ts';
import { hasErrors } from '../../base/problem.ts';
import { emptyText, type Refusal, refused, sentenceOf } from '../../downstream/index.ts';
import type { Command } from '../../pipeline/index.ts';
import {
  type Blobs,
  jobById,
  mirrorsOf,
  type PipelineRow,
  type PipelineStore,
  pipelineById,
  pipelineOfBridge,
  type Store,
} from '../../store/index.ts';
import { traceKey } from '../broker/trace-marks.ts';
import type { PipelineMaker } from '../pipelines/create-pipeline.ts';
import { readStored } from '../pipelines/stored-context.ts';
import { carryOutMirror } from './mirror.ts';
import { createDownstreamOrders, type DownstreamOrderParts } from './order-downstream.ts';
import { tellBridge } from './tell-bridge.ts';
import { attemptAt, readTriggeringJob, type TriggeringJob } from './triggering-job.ts';

/** Pipelines that trigger jobs start, and what goes between them; every call may be made twice. */
export interface Downstream {
  trigger(
    pipelineId: number,
    command: Extract<Command, { readonly type: 'trigger-downstream' }>,
  ): Promise<void>;
  cancel(
    pipelineId: number,
    command: Extract<Command, { readonly type: 'cancel-downstream' }>,
  ): Promise<void>;
  /** A pipeline has another status: the trigger jobs that show it are told. */
  changed(pipelineId: number): Promise<void>;
}

export interface DownstreamParts extends DownstreamOrderParts {
  readonly store: Store;
  readonly blobs: Blobs;
  readonly pipelines: PipelineStore;
  readonly maker: PipelineMaker;
}

/**
 * The pipeline of a trigger job's attempt is written together with what the job hears of it, and the database takes no
 * second one: however often a trigger is carried out, and by however many processes, there is one or none.
 */
export function createDownstream(parts: DownstreamParts): Downstream {
  const { store, blobs, pipelines, maker } = parts;
  const orders = createDownstreamOrders(parts);

  async function trigger(
    pipelineId: number,
    { job: name, attempt, variables: played }: Parameters<Downstream['trigger']>[1],
  ): Promise<void> {
    const job = await readTriggeringJob(parts, pipelineId, { name, attempt });
    if (job === null) return;
    const there = await store.read((db) => pipelineOfBridge(db, job.row.id));
    if (there !== null) return explain(job, there);
    // Canceled before it was carried out: nothing is made that would have to be canceled at once.
    if (job.row.status === 'canceling') return refuse(job, CANCELED);
    if (job.row.status !== 'pending') return;
    const { target } = job.bridge.trigger;
    if (target.kind === 'mirror') {
      const refusal = await carryOutMirror(parts, job, target.project);
      return refusal === null ? undefined : refuse(job, refusal);
    }
    try {
      const order = await orders.orderFor(job, target, played);
      if (order.kind === 'refused') return await refuse(job, order);
      const made = await maker.make({
        ...order.order,
        parentJobId: job.row.id,
        async also(tx, _created, isValid) {
          const created = { type: 'downstream-created', job: name, attempt } as const;
          const commands = await pipelines.applyIn(tx, pipelineId, isValid ? [created] : []);
          if (commands === null) throw new UpstreamGone();
        },
      });
      if (made.kind === 'none') await refuse(job, refused(CREATION_FAILED, reasonForNone(made.why)));
      else if (made.kind === 'no-commit') await refuse(job, refused(CREATION_FAILED, NO_COMMIT));
      else if (made.kind === 'invalid') await explain(job, await rowOf(made.id));
    } catch (error) {
      if (error instanceof UpstreamGone) return;
      // Somebody else was faster, and may not have come to the end of it; or it was the log that could not be written.
      const made = await store.read((db) => pipelineOfBridge(db, job.row.id));
      if (made !== null) return explain(job, made);
      if (!(error instanceof AppError)) throw error;
      const message = error.hint === null ? error.message : `${error.message} ${error.hint}`;
      await refuse(job, refused(CREATION_FAILED, message));
    }
  }

  async function rowOf(id: number): Promise<PipelineRow | null> {
    return store.read((db) => pipelineById(db, id));
  }

  /** The log comes first: whoever sees that the job has failed can read why. */
  async function refuse({ row, bridge }: TriggeringJob, { reason, message }: Refusal): Promise<void> {
    if (row.status !== 'canceling') await say(row.id, message);
    await pipelines.apply(row.pipeline_id, [
      { type: 'downstream-refused', job: bridge.name, attempt: row.attempt, reason },
    ]);
  }

  /** A pipeline that could not be made knows why; one that could has told the job when it was written. */
  async function explain(job: TriggeringJob, made: PipelineRow | null): Promise<void> {
    if (made === null) return;
    const { problems } = readStored(made);
    if (!hasErrors(problems)) return;
    const [first] = problems.filter(({ severity }) => severity === 'error');
    const owner = made.source === 'parent_pipeline' ? null : readStored(made).context.project.path;
    const why = first === undefined ? 'Not run: its file is not valid.' : sentenceOf(first, owner);
    await refuse(job, refused(CREATION_FAILED, why));
  }

  async function say(jobId: number, message: string): Promise<void> {
    await blobs.traces.append(traceKey(jobId), 0, Buffer.from(`ERROR: Job failed: ${message}\n`));
  }

  async function cancel(pipelineId: number, command: Parameters<Downstream['cancel']>[1]): Promise<void> {
    const position = (await pipelines.graph(pipelineId))?.indexes.get(command.job);
    if (position === undefined) return;
    const { attempt } = command;
    const bridge = await store.read((db) => attemptAt(db, pipelineId, { position, attempt }));
    if (bridge === null) return;
    const downstream = await store.read((db) => pipelineOfBridge(db, bridge.id));
    if (downstream !== null) {
      await pipelines.apply(downstream.id, [{ type: 'pipeline-canceled' }]);
      // One that is over already changes no more, and the job would wait for it in vain.
      return tellBridge(parts, bridge, downstream.id);
    }
    // It shows a pipeline that is not its own, or one that was deleted.
    await pipelines.apply(pipelineId, [
      { type: 'downstream-changed', job: bridge.name, attempt: bridge.attempt, status: 'canceled' },
    ]);
  }

  async function changed(pipelineId: number): Promise<void> {
    const told = await store.read(async (db) => {
      const pipeline = await pipelineById(db, pipelineId);
      const parent = pipeline?.parent_job_id ?? null;
      const starter = parent === null ? null : await jobById(db, parent);
      return [...(starter === null ? [] : [starter]), ...(await mirrorsOf(db, pipelineId))];
    });
    for (const bridge of told) await tellBridge(parts, bridge, pipelineId);
  }

  return { trigger, cancel, changed };
}

/** Undoes the pipeline of a job that has been deleted meanwhile. */
class UpstreamGone extends Error {
  override readonly name = 'UpstreamGone';
}

const CREATION_FAILED = 'downstream_pipeline_creation_failed';
const CANCELED = refused(CREATION_FAILED, 'Not run: the job was canceled.');
const NO_COMMIT = 'Not run: the commit of the pipeline is not there any more.';

function reasonForNone(why: 'no-file' | 'filtered_by_workflow' | 'empty' | 'skipped'): string {
  return why === 'no-file' ? 'Not run: the project has no pipeline file at this commit.' : emptyText(why);
}
