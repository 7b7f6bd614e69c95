import type { Problem } from '../../../base/problem.ts';
import { type Node, problemAt } from '../../document/index.ts';
import { KEYWORDS } from './table.ts';

/** Says of each keyword that nothing is done with it, where it is first used: it is the same for all of them. */
export interface UnactedKeywords {
  /** Looks through a value for keywords below this path: `job`, `default`, `job:image`. `place` is how messages name it. */
  check(path: string, value: Node, place: string): void;
}

/** The warnings of one reading; they are added to its problems. */
export function unactedKeywords(problems: Problem[]): UnactedKeywords {
  const said = new Set<Branch>();

  function look(node: Node, branch: Branch, place: string): void {
    if (node.kind === 'sequence') {
      for (const item of node.items) look(item, branch, place);
      return;
    }
    if (node.kind !== 'mapping') return;
    for (const [name, below] of branch.below) {
      const value = node.entries.get(name)?.value;
      if (value === undefined || (value.kind === 'scalar' && value.value === null)) continue;
      if (below.why !== null && !said.has(below)) warn(value, below.why, `${place}:${name}`);
      if (below.why !== null) said.add(below);
      look(value, below, `${place}:${name}`);
    }
  }

  function warn({ span }: Node, hint: string, place: string): void {
    const message = `${place} is kept but has no effect in a local run`;
    problems.push(problemAt(span, { code: 'keyword-not-acted-on', severity: 'warning', message, hint }));
  }

  return {
    check(path, value, place) {
      const branch = branchAt(path);
      if (branch !== undefined) look(value, branch, place);
    },
  };
}

/** The keywords that are not acted on as a tree, so that a job is only asked for those it could have. */
interface Branch {
  readonly why: string | null;
  readonly below: ReadonlyMap<string, Branch>;
}

const tree: Branch = branchBelow('');

function branchBelow(prefix: string): Branch {
  const below = new Map<string, Branch>();
  for (const [path, { treatment }] of Object.entries(KEYWORDS)) {
    if (treatment?.kind !== 'not-acted-on' || treatment.problem !== undefined || !path.startsWith(prefix))
      continue;
    const [name = ''] = path.slice(prefix.length).split(':');
    if (!below.has(name)) below.set(name, branchBelow(`${prefix}${name}:`));
  }
  const own = KEYWORDS[prefix.slice(0, -1)]?.treatment;
  return { why: own?.kind === 'not-acted-on' && own.problem === undefined ? own.why : null, below };
}

function branchAt(path: string): Branch | undefined {
  let branch: Branch | undefined = tree;
  for (const name of path.split(':')) branch = branch?.below.get(name);
  return branch;
}
