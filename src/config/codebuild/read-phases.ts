import type { MappingNode } from '../document/index.ts';
import { type PlacedText, type ValueReader, valueIn } from './buildspec-values.ts';
import { INSTALL, PHASE, PHASE_FIELDS } from './language/phases.ts';
import { type OnFailure, PHASES, type Phase, type PhaseName } from './phases-script.ts';

/** The phases of a buildspec; one that is not there is null. A file without any is wrong. */
export function readPhases(root: MappingNode, read: ValueReader): Readonly<Record<PhaseName, Phase | null>> {
  const phases = read.mapping(root, 'phases');
  // A stage of a pipeline may do nothing but hand files on.
  if (valueIn(root, 'phases') === null && valueIn(root, 'artifacts') === null) {
    read.error(root, 'A buildspec needs phases', 'For example `phases: {build: {commands: [make]}}`.');
  }
  read.known(phases, 'phases', PHASE_FIELDS);
  const found = {
    install: readPhase(phases, 'install', read),
    pre_build: readPhase(phases, 'pre_build', read),
    build: readPhase(phases, 'build', read),
    post_build: readPhase(phases, 'post_build', read),
  };
  if (phases !== null && Object.values(found).every((phase) => phase === null)) {
    read.error(phases, `phases should have one of: ${PHASES.join(', ')}`);
  }
  return found;
}

function readPhase(phases: MappingNode | null, name: PhaseName, read: ValueReader): Phase | null {
  const node = read.mapping(phases, name);
  if (node === null) return null;
  read.known(node, `phases.${name}`, name === 'install' ? INSTALL : PHASE);
  const commands = read.texts(node, 'commands');
  const runtimes = name === 'install' ? read.mapping(node, 'runtime-versions') : null;
  if (!node.entries.has('commands') && runtimes === null && valueIn(node, 'finally') === null) {
    read.error(node, `phases.${name} has no commands`);
  }
  const last = read.texts(node, 'finally');
  warnOfPrograms([...commands, ...last], read);
  const user = read.text(node, 'run-as');
  if (user !== null) warnOfUser(user, read);
  const steps = valueIn(node, 'steps');
  if (steps !== null) read.notActedOn(steps, `The steps of phases.${name} are not run`);
  return {
    commands: commands.map(({ text }) => text),
    finally: last.map(({ text }) => text),
    onFailure: readOnFailure(node, read),
  };
}

/** Programs that the service itself puts into a build, and no image has. */
function warnOfPrograms(commands: readonly PlacedText[], read: ValueReader): void {
  for (const { text, node } of commands) {
    const [program] = /\bcodebuild-(?:tests-run|glob-search|breakpoint)\b/.exec(text) ?? [];
    if (program !== undefined) read.notActedOn(node, `${program} is a program of the service, and not here`);
  }
}

/** Who the commands run as is the runner's to say. */
export function warnOfUser({ text, node }: PlacedText, read: ValueReader): void {
  if (text === 'root') return;
  read.notActedOn(node, `run-as: all commands run as the user of the job, not as ${text}`);
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
  if (regex !== undefined) {
    read.notActedOn(node, 'on-failure: the phase is tried again whatever its output says');
  }
  return {
    kind: 'retry',
    times: count === undefined ? DEFAULT_RETRIES : Number(count),
  };
}
