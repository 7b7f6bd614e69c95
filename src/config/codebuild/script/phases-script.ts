import { quoteForShell } from '../../../base/quote-for-shell.ts';
import { type ArtifactsScript, artifactsFunction } from './artifacts-function.ts';
import { exportFunctions } from './export-functions.ts';
import type { ExtendedRegex } from './extended-regex.ts';
import { GLOB_LIBRARY } from './glob-library.ts';
import { onFailureFunctions, WATCHED_COMMAND } from './on-failure-functions.ts';
import { PHASES_LIBRARY, PHASES_LOOP } from './phases-library.ts';
import { runAsFunctions } from './run-as-functions.ts';
import { namesTestPrograms, TEST_FUNCTIONS } from './test-functions.ts';

export const PHASES = ['install', 'pre_build', 'build', 'post_build'] as const;

export type PhaseName = (typeof PHASES)[number];

export interface Phase {
  readonly commands: readonly string[];
  /** Run whatever became of the commands. */
  readonly finally: readonly string[];
  readonly onFailure: OnFailure;
  /** The user that runs it; null: the user of the job. */
  readonly user: string | null;
}

/** `default`: only a failed build goes on, to post_build. */
export type OnFailure =
  | { readonly kind: 'default' | 'abort' | 'continue' }
  /** `pattern`: what the failed command must have said; null: anything. */
  | { readonly kind: 'retry'; readonly times: number; readonly pattern: ExtendedRegex | null };

export interface PhasesScript {
  readonly version: '0.1' | '0.2';
  /** The program that reads the script. */
  readonly shell: 'sh' | 'bash';
  readonly phases: Readonly<Record<PhaseName, Phase | null>>;
  /** Variables whose values later jobs are given. */
  readonly exported: readonly string[];
  /** What is kept when the phases are over; null: nothing. */
  readonly artifacts: ArtifactsScript | null;
}

/**
 * The script of a build: its phases, and what leads from one to the next (docs.aws.amazon.com/codebuild, "Build phase
 * transitions"). It works in any POSIX sh.
 *
 * All commands of version 0.2 share one shell, so it is written to a file and read by the program that the buildspec
 * names, whatever shell a runner uses. A command may end that shell (`exit 1`): then the loop at its end, which is in
 * another one, goes on with what follows, as CodeBuild does. In version 0.1 each command has a shell of its own, which
 * starts where the source is. Phases of another user share a shell of theirs.
 */
export function phasesScript(script: PhasesScript): string {
  const phases = PHASES.map((name) => script.phases[name]);
  const isWatched = phases.some((phase) => phase?.onFailure.kind === 'retry' && phase.onFailure.pattern);
  const commands = phases.flatMap((phase) => [...(phase?.commands ?? []), ...(phase?.finally ?? [])]);
  const runsTests = script.version === '0.2' && namesTestPrograms(commands);
  const command = script.version === '0.1' ? RUN_ALONE : RUN_TOGETHER;
  const body = [
    runAsFunctions(usersOf(phases), script.shell),
    PHASES_LIBRARY,
    ...(script.artifacts !== null || runsTests ? [GLOB_LIBRARY] : []),
    ...(runsTests ? [TEST_FUNCTIONS] : []),
    isWatched ? `codebuild_plain${command}\n${WATCHED_COMMAND}` : `codebuild_command${command}`,
    ...phases.flatMap((phase, index) => phaseFunctions(phase, index + 1)),
    onFailureFunctions(phases.map((phase) => phase?.onFailure ?? { kind: 'default' })),
    exportFunctions(script.exported),
    uploadFunction(script.artifacts),
    PHASES_LOOP,
  ].join('\n');
  const end = delimiterFor(body);
  return [
    'codebuild=$(mktemp -d)',
    `cat > "$codebuild/phases" <<'${end}'`,
    body,
    end,
    `${script.shell} "$codebuild/phases" "$codebuild"`,
  ].join('\n');
}

/** A phase that is not there must not part those around it. */
function usersOf(phases: readonly (Phase | null)[]): readonly (string | null)[] {
  const users: (string | null)[] = [];
  for (const phase of phases) users.push(phase === null ? (users.at(-1) ?? null) : phase.user);
  return users;
}

const RUN_TOGETHER = '() { eval "$codebuild_line"; }';

/** `cd -` goes nowhere in a shell that has just been started, and must not fail for it. */
const RUN_ALONE =
  '() { ( cd "$CODEBUILD_SRC_DIR" && OLDPWD=$CODEBUILD_SRC_DIR && export OLDPWD && exec sh -c "$codebuild_line" ); }';

function phaseFunctions(phase: Phase | null, number: number): readonly string[] {
  return [
    `codebuild_has_${number}=${phase === null ? 'no' : 'yes'}`,
    shellFunction(`codebuild_commands_${number}`, phase?.commands ?? []),
    shellFunction(`codebuild_finally_${number}`, phase?.finally ?? []),
  ];
}

function shellFunction(name: string, commands: readonly string[]): string {
  return [
    `${name}() {`,
    ...commands.map((command) => `codebuild_run ${quoteForShell(command)}`),
    ':',
    '}',
  ].join('\n');
}

/** A phase of its own, which comes after a build that ended in post_build, whatever became of it. */
function uploadFunction(artifacts: ArtifactsScript | null): string {
  if (artifacts === null) return 'codebuild_upload() { codebuild_n=6; }';
  return `${artifactsFunction(artifacts)}
codebuild_upload() {
  codebuild_n=6
  if codebuild_artifacts 7<&- 8<&- 9>&-; then
    codebuild_say 'Phase complete: UPLOAD_ARTIFACTS State: SUCCEEDED'
    codebuild_say 'Phase context status code:  Message: '
  elif [ "$codebuild_result" -eq 0 ]; then
    codebuild_result=1
  fi
}`;
}

/** A line that ends the text, and is none of it. */
function delimiterFor(body: string): string {
  let delimiter = 'END_OF_PHASES';
  const lines = new Set(body.split('\n'));
  while (lines.has(delimiter)) delimiter += '_';
  return delimiter;
}
