import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { packRepository, presence, serverRefs } from '../git/index.ts';
import { openSpool } from './spool.ts';
import type { Named, RepositoryLine } from './table-frames.ts';
import { contentFrames, itemFrame } from './write-frames.ts';

interface RepositoryParts {
  /** Where the server has its repositories. */
  readonly root: string;
  readonly named: Named['repositories'];
  /** The newest pipeline that the rows know. */
  readonly lastPipeline: number;
  /** For lists that may be long. */
  readonly work: string;
}

/**
 * The repositories as they were when the rows were read: branches and tags stand where the rows say that they were last
 * looked at. What was pushed later is left out although it is there by now. So a restored server has neither a pipeline
 * without its commit nor a commit that is still to get one: nothing is lost or done twice.
 *
 * Commits of pipelines are kept even when no branch has them any more, because their jobs can be run again.
 */
export async function* repositoryFrames({
  root,
  named,
  lastPipeline,
  work,
}: RepositoryParts): AsyncGenerator<Buffer> {
  let number = 0;
  for await (const { id, defaultBranch, lines } of projectsOf(named.entries())) {
    yield itemFrame({ kind: 'repository', project: id, defaultBranch });
    const folder = join(root, `${id}.git`);
    number += 1;
    const found = existsSync(join(folder, 'HEAD'))
      ? await findObjects(folder, lines, join(work, `repository-${number}`), lastPipeline)
      : null;
    yield* contentFrames(found === null ? nothing() : found.pack());
    if (found !== null)
      for await (const refs of inParts(found.refs())) yield itemFrame({ kind: 'refs', refs });
  }
}

async function* nothing(): AsyncGenerator<Buffer> {
  yield* [];
}

interface ProjectLines {
  readonly id: number;
  readonly defaultBranch: string;
  /** To be read before the next project is asked for; what is left of them is passed over. */
  readonly lines: AsyncIterable<Exclude<RepositoryLine, readonly ['project', ...unknown[]]>>;
}

async function* projectsOf(entries: AsyncGenerator<RepositoryLine>): AsyncGenerator<ProjectLines> {
  let next = await entries.next();
  async function* lines() {
    while (next.done !== true && next.value[0] !== 'project') {
      const line = next.value;
      next = await entries.next();
      yield line;
    }
  }
  while (next.done !== true) {
    const [kind, id, defaultBranch] = next.value;
    next = await entries.next();
    if (kind !== 'project') continue;
    const own = lines();
    yield { id, defaultBranch, lines: own };
    for await (const _ of own);
  }
}

/** What of these a repository has. */
async function findObjects(
  folder: string,
  lines: ProjectLines['lines'],
  path: string,
  lastPipeline: number,
): Promise<{ pack(): AsyncIterable<Buffer>; refs(): AsyncGenerator<readonly [string, string]> }> {
  const wanted = openSpool(`${path}-wanted`, isPair);
  for await (const line of lines) await wanted.add(line[0] === 'ref' ? [line[1], line[2]] : [line[1], '']);
  for await (const { hash, ref } of serverRefs(folder)) {
    const pipeline = /^refs\/pipelines\/(\d+)$/.exec(ref)?.[1];
    if (pipeline === undefined || Number(pipeline) <= lastPipeline) await wanted.add([hash, ref]);
  }
  await wanted.close();

  const found = openSpool(`${path}-found`, isPair);
  const answers = presence(folder, hashesOf(wanted.entries()));
  let isAny = false;
  for await (const [hash, ref] of wanted.entries()) {
    const answer = await answers.next();
    if (answer.done === true || !answer.value.isThere) continue;
    isAny = true;
    await found.add([hash, ref]);
  }
  await answers.return(undefined);
  await found.close();
  return {
    pack: () => (isAny ? packRepository(folder, hashesOf(found.entries())) : nothing()),
    async *refs() {
      for await (const [hash, ref] of found.entries()) if (ref !== '') yield [ref, hash] as const;
    },
  };
}

async function* hashesOf(entries: AsyncIterable<readonly [string, string]>): AsyncGenerator<string> {
  for await (const [hash] of entries) yield hash;
}

async function* inParts(refs: AsyncIterable<readonly [string, string]>): AsyncGenerator<[string, string][]> {
  let part: [string, string][] = [];
  for await (const [ref, hash] of refs) {
    part.push([ref, hash]);
    if (part.length < REFS_AT_ONCE) continue;
    yield part;
    part = [];
  }
  if (part.length > 0) yield part;
}

const REFS_AT_ONCE = 1000;

function isPair(value: unknown): value is readonly [string, string] {
  return Array.isArray(value) && value.length === 2 && value.every((part) => typeof part === 'string');
}
