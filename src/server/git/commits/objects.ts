import { AppError } from '../../../base/app-error.ts';
import type { GitProcess } from '../git-process.ts';
import { createObjectAnswers, type GitObject } from './object-answers.ts';

/** The objects of one repository. */
export interface GitObjects {
  /**
   * What a name stands for: a hash, a ref, `NAME^{commit}`, `TREE:path` (through symbolic links that stay in the tree).
   * A name is one line. What is asked at once is answered in one go.
   * @throws AppError `git-failed` when git does.
   */
  read(name: string, limit: number): Promise<GitObject>;
  /** Whether nobody waits for an answer. */
  isIdle(): boolean;
  /** Ends the process, and fails whoever waits. What is asked then starts another. */
  close(): void;
}

/**
 * Keeps one `git cat-file --batch --follow-symlinks`, which the first question starts and which ends `idleMs` after the
 * last one. It sees what is pushed meanwhile. An object that is too large ends it, too, since git would send it whole;
 * those who asked behind it are asked for again.
 */
export function openObjects(start: () => GitProcess, idleMs: number): GitObjects {
  const waiting: Question[] = [];
  let current: Reader | null = null;
  let timer: NodeJS.Timeout | null = null;

  function reader(): Reader {
    current ??= startReader(start(), waiting, settled, lost);
    return current;
  }

  function settled(isOver: boolean): void {
    if (isOver) {
      stop();
      askAgain();
    }
    if (waiting.length === 0) rest();
  }

  /** It ended by itself. The first question may be why; the others are not, if it could answer any at all. */
  function lost(reason: string, hasAnswered: boolean): void {
    stop();
    for (const { reject } of waiting.splice(0, hasAnswered ? 1 : waiting.length)) reject(failed(reason));
    askAgain();
  }

  function askAgain(): void {
    for (const { name } of waiting) reader().ask(name);
  }

  function rest(): void {
    if (timer !== null) clearTimeout(timer);
    timer = setTimeout(stop, idleMs);
  }

  function stop(): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    current?.end();
    current = null;
  }

  return {
    read(name, limit) {
      if (/[\n\0]/.test(name)) return Promise.resolve({ kind: 'none' });
      if (timer !== null) clearTimeout(timer);
      timer = null;
      return new Promise((resolve, reject) => {
        waiting.push({ name, limit, resolve, reject });
        reader().ask(name);
      });
    },
    isIdle: () => waiting.length === 0,
    close() {
      stop();
      for (const { reject } of waiting.splice(0)) reject(failed('it is being ended'));
    },
  };
}

function failed(reason: string): AppError {
  return new AppError('git-failed', `git cannot read the repository's objects: ${reason}.`);
}

interface Question {
  readonly name: string;
  readonly limit: number;
  readonly resolve: (object: GitObject) => void;
  readonly reject: (error: Error) => void;
}

interface Reader {
  ask(name: string): void;
  end(): void;
}

function startReader(
  git: GitProcess,
  waiting: Question[],
  settled: (isOver: boolean) => void,
  lost: (reason: string, hasAnswered: boolean) => void,
): Reader {
  let isCurrent = true;
  let hasAnswered = false;
  const answers = createObjectAnswers(
    () => waiting[0]?.limit ?? 0,
    (object) => {
      hasAnswered = true;
      waiting.shift()?.resolve(object);
      settled(object.kind === 'too-large');
    },
  );
  git.child.stdout.on('data', (chunk: Buffer) => {
    if (!isCurrent) return;
    try {
      answers.push(chunk);
    } catch (error) {
      lost(error instanceof Error ? error.message : String(error), hasAnswered);
    }
  });
  void git.ended.then(() => {
    if (isCurrent) lost(git.complaint() || 'it ended before it answered', hasAnswered);
  });
  return {
    ask: (name) => void git.child.stdin.write(`${name}\n`),
    end() {
      isCurrent = false;
      git.child.stdout.destroy();
      git.child.stdin.destroy();
      git.end();
    },
  };
}
