import { dirname, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import type { GitProcess } from './git-process.ts';
import type { GitSurroundings, GitUser, OpenedRepository } from './ports.ts';
import { relayPushAnswer } from './push-answer.ts';
import type { PushDecision } from './push-decision.ts';
import { createPushHeadReader, type PushHead, type PushHeadResult, type RefusedHead } from './push-head.ts';
import type { RefUpdate } from './ref-update.ts';
import { type Repositories, syncFolders } from './repositories.ts';
import { type Start, takeStart } from './take-start.ts';
import { writeTo } from './write-to.ts';

export type PushStart =
  /** `start` begins with the head, and is what git has to be given first. */
  { readonly kind: 'head'; readonly head: PushHead; readonly start: Start } | RefusedHead;

/** Reads a push up to its objects; no git is needed for that. @throws what the stream fails with. */
export async function startPush(body: Readable): Promise<PushStart> {
  const reader = createPushHeadReader();
  let result: PushHeadResult = reader.push(Buffer.alloc(0));
  const start = await takeStart(body, (chunk) => {
    result = reader.push(chunk);
    return result.kind !== 'more';
  });
  if (result.kind === 'head') return { kind: 'head', head: result.head, start };
  return result.kind === 'refused' ? result : reader.end();
}

export interface PushExchange {
  readonly repositories: Repositories;
  readonly surroundings: GitSurroundings;
  readonly repository: OpenedRepository;
  readonly user: GitUser | null;
  readonly head: PushHead;
  readonly decision: Extract<PushDecision, { kind: 'ask-git' }>;
  readonly answer: AsyncIterable<Buffer>;
  readonly out: Writable;
}

/** Relays git's answer; the receiver is told of what git accepted before the client is. */
export async function answerPush(exchange: PushExchange): Promise<void> {
  const { answer, out, head, decision, surroundings, repository, user } = exchange;
  const folder = exchange.repositories.folderOf(repository.project.id);
  await relayPushAnswer({
    answer,
    out,
    head,
    async accepted(refs) {
      const updates = head.updates.filter(({ ref, before, after }) => before !== after && refs.has(ref));
      if (updates.length === 0) return decision.warnings;
      try {
        await syncFolders(foldersOf(folder, updates));
        const push = { project: repository.project, user, updates, options: decision.options };
        return [...decision.warnings, ...(await surroundings.receiver.pushed(push))];
      } catch (error) {
        surroundings.failed(error, { project: repository.project.path, action: 'record a push' });
        return [...decision.warnings, 'Your push is kept, but the server could not start its pipeline yet.'];
      }
    },
  });
}

/** Gives git what a client sends. null when all of it came; otherwise why not, and git is ended. Never fails. */
export async function feedGit(
  git: GitProcess,
  start: Start,
  body: Readable,
): Promise<{ readonly failure: unknown } | null> {
  try {
    await writeTo(git.child.stdin, start.bytes);
    // When git has heard enough, the rest is read and dropped: the client reads no answer before it has sent all.
    if (!start.ended) for await (const chunk of body) await writeTo(git.child.stdin, chunk);
    git.child.stdin.end();
    return null;
  } catch (failure) {
    // The client went away, or sent too much: what is there must not be taken for the whole.
    git.end();
    return { failure };
  }
}

function foldersOf(folder: string, updates: readonly RefUpdate[]): readonly string[] {
  const folders = new Set<string>();
  for (const { ref } of updates) {
    for (let at = dirname(ref); at !== '.' && !folders.has(at); at = dirname(at)) folders.add(at);
  }
  return [join(folder, 'objects', 'pack'), folder, ...[...folders].map((name) => join(folder, name))];
}
