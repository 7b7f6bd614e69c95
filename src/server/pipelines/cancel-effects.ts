import { isCompleted, jobStates } from '../../pipeline/index.ts';
import { managerHas, type PipelineStore, type Store } from '../../store/index.ts';

/**
 * A job is to be taken back. Nobody has it, or its runner is one that cannot end a script in peace: then it is over at
 * once, and that runner hears of it with its next message. Any other runner is asked by the job's status, and answers.
 */
export async function carryOutCancel(
  { store, pipelines }: { readonly store: Store; readonly pipelines: PipelineStore },
  pipelineId: number,
  { job, attempt }: { readonly job: string; readonly attempt: number },
): Promise<void> {
  const isToEnd = await store.read(async (db) => {
    const row = await db
      .selectFrom('jobs')
      .select(['status', 'runner_id', 'system_id'])
      .where('pipeline_id', '=', pipelineId)
      .where('name', '=', job)
      .where('attempt', '=', attempt)
      .executeTakeFirst();
    if (row?.status !== 'canceling') return false;
    if (row.runner_id === null) return true;
    return !(await managerHas(db, row.runner_id, row.system_id ?? '', 'cancel_gracefully'));
  });
  if (!isToEnd) return;
  await pipelines.apply(pipelineId, [
    { type: 'job-finished', job, attempt, outcome: { status: 'canceled' } },
  ]);
}

/** Older pipelines of a branch that a newer one has made redundant, as their own `auto_cancel:on_new_commit` wants it. */
export async function cancelRedundant(
  { pipelines }: { readonly pipelines: PipelineStore },
  older: readonly { readonly id: number }[],
): Promise<void> {
  for (const { id } of older) {
    const state = await pipelines.state(id);
    if (state === null) continue;
    const { plan } = state.graph;
    const statuses = new Map(Array.from(jobStates(state), ([name, { status }]) => [name, status]));
    const jobs = plan.jobs.map((job) => ({ job, status: statuses.get(job.name) ?? 'created' }));
    const { onNewCommit } = plan.autoCancel;
    if (onNewCommit === 'none') continue;
    if (onNewCommit === 'interruptible') {
      const events = jobs.flatMap(({ job, status }) =>
        job.interruptible && !isCompleted(status) ? [{ type: 'job-canceled', job: job.name } as const] : [],
      );
      await pipelines.apply(id, events);
    } else if (!jobs.some(({ job, status }) => !job.interruptible && HAS_STARTED.has(status))) {
      await pipelines.apply(id, [{ type: 'pipeline-canceled' }]);
    }
  }
}

const HAS_STARTED: ReadonlySet<string> = new Set(['running', 'canceling', 'success', 'failed']);
