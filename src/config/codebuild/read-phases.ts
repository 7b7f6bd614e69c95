import { compileRegex } from '../../base/regex.ts';
import type { MappingNode, Node } from '../document/index.ts';
import { type PlacedText, type ValueReader, valueIn } from './buildspec-values.ts';
import { INSTALL, PHASE, PHASE_FIELDS } from './language/phases.ts';
import { type ExtendedRegex, extendedRegex } from './script/extended-regex.ts';
import { type OnFailure, PHASES, type Phase, type PhaseName } from './script/phases-script.ts';

/** The phases of a buildspec; one that is not there is null. A file without any is wrong. */
export function readPhases(
  root: MappingNode,
  version: '0.1' | '0.2',
  read: ValueReader,
): Readonly<Record<PhaseName, Phase | null>> {
  const phases = read.mapping(root, 'phases');
  // A stage of a pipeline may do nothing but hand files on.
  if (valueIn(root, 'phases') === null && valueIn(root, 'artifacts') === null) {
    read.error(root, 'A buildspec needs phases', 'For example `phases: {build: {commands: [make]}}`.');
  }
  read.known(phases, 'phases', PHASE_FIELDS);
  const user = readUser(root, read);
  const found = {
    install: readPhase(phases, 'install', { version, user }, read),
    pre_build: readPhase(phases, 'pre_build', { version, user }, read),
    build: readPhase(phases, 'build', { version, user }, read),
    post_build: readPhase(phases, 'post_build', { version, user }, read),
  };
  if (phases !== null && Object.values(found).every((phase) => phase === null)) {
    read.error(phases, `phases should have one of: ${PHASES.join(', ')}`);
  }
  return found;
}

function readPhase(
  phases: MappingNode | null,
  name: PhaseName,
  { version, user }: { readonly version: '0.1' | '0.2'; readonly user: string | null },
  read: ValueReader,
): Phase | null {
  const node = read.mapping(phases, name);
  if (node === null) return null;
  read.known(node, `phases.${name}`, name === 'install' ? INSTALL : PHASE);
  const commands = read.texts(node, 'commands');
  const runtimes = name === 'install' ? read.mapping(node, 'runtime-versions') : null;
  if (!node.entries.has('commands') && runtimes === null && valueIn(node, 'finally') === null) {
    read.error(node, `phases.${name} has no commands`);
  }
  const last = read.texts(node, 'finally');
  warnOfPrograms([...commands, ...last], version, read);
  const steps = valueIn(node, 'steps');
  if (steps !== null) read.notActedOn(steps, `The steps of phases.${name} are not run`);
  return {
    commands: commands.map(({ text }) => text),
    finally: last.map(({ text }) => text),
    onFailure: readOnFailure(node, read),
    user: valueIn(node, 'run-as') === null ? user : readUser(node, read),
  };
}

/** Programs that the service itself puts into a build, and no image has. In version 0.2 those for tests are here. */
function warnOfPrograms(commands: readonly PlacedText[], version: '0.1' | '0.2', read: ValueReader): void {
  const absent =
    version === '0.2' ? /\bcodebuild-breakpoint\b/ : /\bcodebuild-(?:breakpoint|tests-run|glob-search)\b/;
  for (const { text, node } of commands) {
    const [program] = absent.exec(text) ?? [];
    if (program !== undefined) read.notActedOn(node, `${program} is a program of the service, and not here`);
  }
}

/** `run-as`. null: not given, or root, who all commands run as unless somebody else is named. */
function readUser(node: MappingNode, read: ValueReader): string | null {
  const user = read.text(node, 'run-as');
  if (user === null || user.text === 'root') return null;
  if (/^[A-Za-z_][\w.-]{0,62}\$?$/.test(user.text)) return user.text;
  read.error(user.node, `${JSON.stringify(user.text.slice(0, 60))} is no name of a user`);
  return null;
}

/** How often a phase is tried again when the file does not say it. */
const DEFAULT_RETRIES = 3;
const MOST_RETRIES = 100;

/** `ABORT`, `CONTINUE`, `RETRY`, `RETRY-count`, `RETRY-regex`, `RETRY-count-regex`. */
function readOnFailure(phase: MappingNode, read: ValueReader): OnFailure {
  const found = read.text(phase, 'on-failure');
  if (found === null) return { kind: 'default' };
  const { text, node } = found;
  const how = text.toUpperCase();
  if (how === 'ABORT') return { kind: 'abort' };
  if (how === 'CONTINUE') return { kind: 'continue' };
  const [, count, regex] = /^RETRY(?:-(\d+)(?=-|$))?(?:-(.+))?$/is.exec(text) ?? [];
  if (Number(count ?? 0) > MOST_RETRIES || (how !== 'RETRY' && count === undefined && regex === undefined)) {
    read.error(
      node,
      'on-failure should be ABORT, CONTINUE, RETRY, RETRY-3, RETRY-.*text.* or RETRY-3-.*text.*',
    );
    return { kind: 'default' };
  }
  return {
    kind: 'retry',
    times: count === undefined ? DEFAULT_RETRIES : Number(count),
    pattern: regex === undefined ? null : readPattern(regex, node, read),
  };
}

/** What a failure must have said. `.*` is what CodeBuild looks for when nothing is given. */
function readPattern(text: string, node: Node, read: ValueReader): ExtendedRegex | null {
  if (text === '.*') return null;
  const result = compileRegex(text);
  if (!result.ok) {
    read.error(node, `on-failure: this is no regular expression: ${result.message}`);
    return null;
  }
  const pattern = extendedRegex(text);
  if (pattern === null) {
    read.notActedOn(
      node,
      'on-failure: the regular expression cannot be looked for, and the phase is tried again whatever it says',
    );
  }
  return pattern;
}
