import type { Clock } from '../../base/clock.ts';
import type { Problem } from '../../base/problem.ts';
import { formatProblem, type PipelineContext } from '../../config/index.ts';
import {
  hasOpenMergeRequests,
  markRefSeen,
  type Outbox,
  PIPELINE_WORK,
  projectById,
  type Store,
  type Tx,
} from '../../store/index.ts';
import type { Push, PushReceiver, RefUpdate } from '../git/index.ts';
import { orderPushed } from '../merge-requests/merge-request-orders.ts';
import type { OrderedPipeline, PipelineMaker } from './create-pipeline.ts';
import { linesAboutPassedOver } from './passed-over-refs.ts';
import { CODES_ON_SERVER } from './problems-on-server.ts';

export interface PushReceiverParts {
  readonly store: Store;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly maker: PipelineMaker;
  readonly serverUrl: () => string;
  readonly userOf: (push: Push) => PipelineContext['user'];
}

/**
 * Makes the pipelines of a push, and tells its author about them. That a ref has been looked at is written together
 * with its pipeline: told twice, an update has one pipeline. A push that changes more than four refs starts pipelines
 * for the first four, as in GitLab, and names the others.
 */
export function createPushReceiver(parts: PushReceiverParts): PushReceiver {
  const { store, outbox, clock, maker, serverUrl } = parts;
  /** The last push of each project that is being looked at: they come one after the other, as git took them. */
  const turns = new Map<number, Promise<unknown>>();

  async function receive(push: Push): Promise<readonly string[]> {
    const lines: string[] = [];
    const passedOver: string[] = [];
    let started = 0;
    for (const update of push.updates) {
      const ref = refOf(update);
      if (ref === null || update.after === null || push.options.skip || started === MOST_PIPELINES) {
        const isNew = await store.write((tx) => see(tx, push, update));
        if (isNew && ref !== null && update.after !== null && !push.options.skip) passedOver.push(ref.name);
        continue;
      }
      const made = await makeFor(push, update, ref);
      if (made === null) continue;
      if (made.kind === 'created' || made.kind === 'invalid') started += 1;
      lines.push(...linesAbout(push.project.path, ref.name, made));
    }
    return [...lines, ...linesAboutPassedOver(passedOver)];
  }

  /** null: it was looked at before. */
  async function makeFor(push: Push, update: RefUpdate, ref: Ref): Promise<OrderedPipeline | null> {
    const project = await store.read((db) => projectById(db, push.project.id));
    if (project === null || update.after === null) return null;
    const variable = (value: string) => ({ value, expand: true, masked: false, file: false });
    try {
      const made = await maker.make({
        project,
        ref,
        hash: update.after,
        before: update.before,
        source: 'push',
        user: parts.userOf(push),
        variables: Object.fromEntries(
          Array.from(push.options.variables, ([key, value]) => [key, variable(value)]),
        ),
        inputs: Object.fromEntries(push.options.inputs),
        also: async (tx, created) => {
          await seeIn(tx, push, update);
          if (ref.kind === 'tag' || !project.settings.autoCancelRedundant) return;
          const body = PIPELINE_WORK.write({
            newer: { projectId: project.id, ref: ref.name, id: created.id },
          });
          await outbox.append(tx, [
            { topic: PIPELINE_WORK.name, key: `ref ${project.id} ${ref.name}`, body },
          ]);
        },
      });
      if (made.kind === 'none' || made.kind === 'no-commit')
        await store.write((tx) => seeIn(tx, push, update));
      return made;
    } catch (error) {
      if (error instanceof SeenBefore) return null;
      throw error;
    }
  }

  async function seeIn(tx: Tx, push: Push, update: RefUpdate): Promise<void> {
    if (!(await see(tx, push, update))) throw new SeenBefore();
  }

  /** Its merge requests are looked at next, whatever becomes of the branch's own pipeline. False: it was seen before. */
  async function see(tx: Tx, push: Push, update: RefUpdate): Promise<boolean> {
    if (!(await markRefSeen(tx.db, seenRef(push, update)))) return false;
    const ref = refOf(update);
    if (ref?.kind !== 'branch' || update.after === null) return true;
    const branch = { projectId: push.project.id, name: ref.name };
    if (await hasOpenMergeRequests(tx.db, branch)) await orderPushed(outbox, tx, branch);
    return true;
  }

  function seenRef({ project }: Push, { ref, after }: RefUpdate) {
    return { projectId: project.id, ref, sha: after, now: clock.now() };
  }

  function linesAbout(path: string, ref: string, made: OrderedPipeline): readonly string[] {
    switch (made.kind) {
      case 'created':
        return [
          `Pipeline #${made.id} for ${ref}:`,
          ...linesOf(made.problems.filter(({ code }) => CODES_ON_SERVER.has(code))),
          `  ${serverUrl()}/${path}/-/pipelines/${made.id}`,
        ];
      case 'invalid':
        return [
          `No pipeline for ${ref}: its file is not valid.`,
          ...linesOf(made.problems.filter(({ severity }) => severity === 'error')),
          `  ${serverUrl()}/${path}/-/pipelines/${made.id}`,
        ];
      case 'none':
        return made.why === 'no-file' ? [] : [`No pipeline for ${ref}: ${REASONS[made.why]}.`];
      case 'no-commit':
        return [];
    }
  }

  return {
    pushed(push) {
      const before = turns.get(push.project.id) ?? Promise.resolve();
      const turn = before.then(
        () => receive(push),
        () => receive(push),
      );
      turns.set(push.project.id, turn);
      return turn.finally(() => {
        if (turns.get(push.project.id) === turn) turns.delete(push.project.id);
      });
    },
  };
}

function linesOf(problems: readonly Problem[]): readonly string[] {
  return problems
    .slice(0, MOST_PROBLEMS)
    .flatMap((problem) => formatProblem(problem, { color: false }).split('\n'));
}

/** Undoes the pipeline that would have been a second one. */
class SeenBefore extends Error {
  override readonly name = 'SeenBefore';
}

const MOST_PIPELINES = 4;
const MOST_PROBLEMS = 5;

const REASONS = {
  filtered_by_workflow: 'workflow:rules wants none',
  empty: 'none of its jobs is to run',
  skipped: 'the message of the commit asks for none',
} as const;

interface Ref {
  readonly name: string;
  readonly kind: 'branch' | 'tag';
}

/** null: no pipeline is for such a ref. */
function refOf({ ref }: RefUpdate): Ref | null {
  if (ref.startsWith('refs/heads/')) return { name: ref.slice('refs/heads/'.length), kind: 'branch' };
  if (ref.startsWith('refs/tags/')) return { name: ref.slice('refs/tags/'.length), kind: 'tag' };
  return null;
}
