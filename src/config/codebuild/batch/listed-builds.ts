import { closestTo } from '../../../base/closest.ts';
import type { MappingNode } from '../../document/index.ts';
import { findCycle } from '../../gitlab/cycles.ts';
import type { PlacedText, ValueReader } from '../buildspec-values.ts';
import { GRAPH_BUILD, LISTED_BUILD } from '../language/batch.ts';
import { type BatchBuild, type BatchReader, MOST_BUILDS } from './batch.ts';
import { checkMachine, machineOf, readMachine } from './machine.ts';

/** `build-list`: builds that run at once. One without an identifier is called by its number. */
export function readList(batch: MappingNode, reader: BatchReader): readonly BatchBuild[] {
  const { read } = reader;
  return namedBuilds(batch, 'build-list', read).map(({ node, name, identifier }, index) => {
    read.known(node, `build-list[${index + 1}]`, LISTED_BUILD);
    return { ...readBuild(node, `build-list[${index + 1}]`, reader), name, identifier, dependsOn: null };
  });
}

/** `build-graph`: a build runs when those it depends on have succeeded, or failed and are ignored. */
export function readGraph(batch: MappingNode, reader: BatchReader): readonly BatchBuild[] {
  const { read } = reader;
  const named = namedBuilds(batch, 'build-graph', read);
  const names = new Set(named.map(({ name }) => name));
  const builds = named.map(({ node, name, identifier }, index) => {
    const place = `build-graph[${index + 1}]`;
    read.known(node, place, GRAPH_BUILD);
    if (read.text(node, 'identifier') === null) read.error(node, `${place} has no identifier`);
    const depends = read.texts(node, 'depend-on').filter((one) => isThere(one, names, read));
    const dependsOn = [...new Set(depends.map(({ text }) => text))];
    return { ...readBuild(node, place, reader), name, identifier, dependsOn };
  });
  const cycle = findCycle(new Map(builds.map(({ name, dependsOn }) => [name, dependsOn])));
  const first = builds.find(({ name }) => name === cycle?.[0]);
  if (cycle !== null && first !== undefined) {
    const path = [...cycle, first.name].slice(0, MOST_SHOWN).join(' -> ');
    read.error(
      first.node.entries.get('depend-on')?.value ?? first.node,
      `These builds wait for each other: ${path}`,
    );
  }
  return builds;
}

const MOST_SHOWN = 20;

function isThere({ text, node }: PlacedText, names: ReadonlySet<string>, read: ValueReader): boolean {
  if (names.has(text)) return true;
  const near = closestTo(text, names);
  read.error(
    node,
    `No build of the batch has the identifier ${JSON.stringify(text.slice(0, LONGEST))}`,
    near === null ? null : `Did you mean \`${near}\`?`,
  );
  return false;
}

function readBuild(
  node: MappingNode,
  place: string,
  { read, builders }: BatchReader,
): Pick<BatchBuild, 'node' | 'buildspec' | 'machine' | 'ignoresFailure'> {
  read.flag(node, 'debug-session');
  const machine = readMachine(node, place, read);
  checkMachine(machine.type, machine.image === null ? [] : [machine.image], read);
  return {
    node,
    buildspec: read.text(node, 'buildspec'),
    machine: machineOf(machine, builders),
    ignoresFailure: read.flag(node, 'ignore-failure'),
  };
}

const LONGEST = 128;

interface NamedBuild {
  readonly node: MappingNode;
  readonly name: string;
  readonly identifier: string;
}

/** The items of a list with their identifiers, which have to differ. */
function namedBuilds(
  batch: MappingNode,
  key: 'build-list' | 'build-graph',
  read: ValueReader,
): readonly NamedBuild[] {
  const nodes = read.mappings(batch, key);
  const surplus = nodes[MOST_BUILDS];
  if (surplus !== undefined) read.error(surplus, `A batch has ${MOST_BUILDS} builds at most`);
  const taken = new Set<string>();
  const builds = nodes.slice(0, MOST_BUILDS).map((node) => {
    const written = read.text(node, 'identifier');
    if (written !== null && !isIdentifier(written.text)) {
      read.error(written.node, `identifier should be a name of one line and of ${LONGEST} letters at most`);
      return { node, written: null };
    }
    if (written !== null && taken.has(written.text)) {
      read.error(written.node, `Another build of the batch has the identifier ${written.text}, too`);
    }
    if (written !== null) taken.add(written.text);
    return { node, written };
  });
  return builds.map(({ node, written }, index) => {
    let identifier = written?.text ?? `build_${index + 1}`;
    while (written === null && taken.has(identifier)) identifier += '_';
    return { node, name: identifier, identifier };
  });
}

function isIdentifier(text: string): boolean {
  return text.trim() !== '' && text.length <= LONGEST && !/\p{Cc}/u.test(text);
}
