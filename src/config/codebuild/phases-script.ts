import { quoteForShell } from '../../base/quote-for-shell.ts';
import { type ArtifactsScript, artifactsFunction } from './artifacts-script.ts';

export const PHASES = ['install', 'pre_build', 'build', 'post_build'] as const;

export type PhaseName = (typeof PHASES)[number];

export interface Phase {
  readonly commands: readonly string[];
  /** Run whatever became of the commands. */
  readonly finally: readonly string[];
  readonly onFailure: OnFailure;
}

/** `default`: only a failed build goes on, to post_build. */
export type OnFailure =
  | { readonly kind: 'default' | 'abort' | 'continue' }
  | { readonly kind: 'retry'; readonly times: number };

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

/** Where the exported variables are written to, in the form of a dotenv report. */
export const EXPORTED_FILE = '.codebuild/exported.env';

/**
 * The script of a build: its phases, and what leads from one to the next (docs.aws.amazon.com/codebuild, "Build phase
 * transitions"). It works in any POSIX sh.
 *
 * All commands of version 0.2 share one shell, so it is written to a file and read by the program that the buildspec
 * names, whatever shell a runner uses. A command may end that shell (`exit 1`): then the loop at its end, which is in
 * another one, goes on with what follows, as CodeBuild does. In version 0.1 each command has a shell of its own, which
 * starts where the source is.
 */
export function phasesScript(script: PhasesScript): string {
  const body = [
    LIBRARY,
    script.version === '0.1' ? RUN_ALONE : RUN_TOGETHER,
    ...PHASES.flatMap((name, index) => phaseFunctions(script.phases[name], index + 1)),
    onFailureFunction(script.phases),
    exportFunction(script.exported),
    uploadFunction(script.artifacts),
    LOOP,
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

/**
 * What is under way is told to the outer shell through an open file without a name: commands such as `rm -rf /tmp/*` must
 * not end the build, or have it begin again. No command sees it: the next `exec 9>lock` would cut it off.
 */
const LIBRARY = `exec 9>> "$1/state" 8< "$1/state"
rm -rf "$1"
codebuild_say() { printf '[Container] %s\\n' "$1"; }
codebuild_name() {
  case $codebuild_n in 1) echo INSTALL ;; 2) echo PRE_BUILD ;; 3) echo BUILD ;; *) echo POST_BUILD ;; esac
}
codebuild_note() {
  echo "$codebuild_n $codebuild_part $codebuild_attempt $codebuild_result $codebuild_first" >&9
}
codebuild_run() {
  [ "$codebuild_code" -eq 0 ] || return 0
  codebuild_say "Running command $1"
  codebuild_line=$1
  codebuild_command 8<&- 9>&-
  codebuild_code=$?
  [ "$codebuild_code" -eq 0 ] || codebuild_say "Command did not exit successfully $1 exit status $codebuild_code"
}`;

const RUN_TOGETHER = 'codebuild_command() { eval "$codebuild_line"; }';

/** `cd -` goes nowhere in a shell that has just been started, and must not fail for it. */
const RUN_ALONE =
  'codebuild_command() { ( cd "$CODEBUILD_SRC_DIR" && OLDPWD=$CODEBUILD_SRC_DIR && export OLDPWD && exec sh -c "$codebuild_line" ); }';

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

function onFailureFunction(phases: PhasesScript['phases']): string {
  const cases = PHASES.map((name, index) => {
    const how = phases[name]?.onFailure ?? { kind: 'default' };
    return `${index + 1}) echo ${how.kind === 'retry' ? `retry ${how.times}` : how.kind} ;;`;
  });
  return `codebuild_on_failure() { case $codebuild_n in ${cases.join(' ')} esac; }`;
}

function exportFunction(names: readonly string[]): string {
  if (names.length === 0) return 'codebuild_export() { :; }';
  const file = `"$CODEBUILD_SRC_DIR/${EXPORTED_FILE}"`;
  // A line of such a file is a variable, so a second line would be another one.
  return `codebuild_export_one() {
  case $2 in
    *'
'*) codebuild_say "$1 is not exported: its value has more than one line" >&2 ;;
    *) printf '%s=%s\\n' "$1" "$2" ;;
  esac
}
codebuild_export() {
  mkdir -p "$CODEBUILD_SRC_DIR/.codebuild" && {
${names.map((name) => `    codebuild_export_one ${name} "\${${name}-}"`).join('\n')}
  } > ${file}
}`;
}

/** A phase of its own, which comes after a build that ended in post_build, whatever became of it. */
function uploadFunction(artifacts: ArtifactsScript | null): string {
  if (artifacts === null) return 'codebuild_upload() { codebuild_n=6; }';
  return `${artifactsFunction(artifacts)}
codebuild_upload() {
  codebuild_n=6
  if codebuild_artifacts 8<&- 9>&-; then
    codebuild_say 'Phase complete: UPLOAD_ARTIFACTS State: SUCCEEDED'
  elif [ "$codebuild_result" -eq 0 ]; then
    codebuild_result=1
  fi
}`;
}

/**
 * `codebuild_n` is the phase (5: only the upload is left, 6: none is left), `codebuild_part` what of it is under way, `codebuild_first` what its
 * commands came to, `codebuild_result` what the build has come to.
 */
const LOOP = `codebuild_end() {
  if [ "$codebuild_has" = yes ] && [ "$codebuild_code" -ne 0 ]; then
    codebuild_say "Phase complete: $(codebuild_name) State: FAILED"
    set -- $(codebuild_on_failure)
    if [ "$1" = retry ] && [ "$codebuild_attempt" -le "$2" ]; then
      codebuild_say "Retrying phase $(codebuild_name), $codebuild_attempt of $2"
      codebuild_attempt=$((codebuild_attempt + 1))
      codebuild_part=commands
      [ "$codebuild_result" -ne 0 ] || CODEBUILD_BUILD_SUCCEEDING=1
      return 0
    fi
    [ "$codebuild_result" -ne 0 ] || codebuild_result=$codebuild_code
    case $1:$codebuild_n in abort:*) codebuild_n=6 ;; continue:* | *:[34]) codebuild_n=$((codebuild_n + 1)) ;; *) codebuild_n=6 ;; esac
  else
    [ "$codebuild_has" = no ] || codebuild_say "Phase complete: $(codebuild_name) State: SUCCEEDED"
    codebuild_n=$((codebuild_n + 1))
  fi
  codebuild_attempt=1
  codebuild_part=commands
}
codebuild_go() {
  while [ "$codebuild_n" -le 4 ]; do
    eval "codebuild_has=\\$codebuild_has_$codebuild_n"
    if [ "$codebuild_part" = commands ]; then
      codebuild_code=0
      codebuild_note
      [ "$codebuild_has" = no ] || codebuild_say "Entering phase $(codebuild_name)"
      "codebuild_commands_$codebuild_n"
      codebuild_first=$codebuild_code
    fi
    [ "$codebuild_first" -eq 0 ] || CODEBUILD_BUILD_SUCCEEDING=0
    codebuild_part=finally
    codebuild_code=0
    codebuild_note
    "codebuild_finally_$codebuild_n"
    [ "$codebuild_first" -eq 0 ] || codebuild_code=$codebuild_first
    [ "$codebuild_code" -eq 0 ] || CODEBUILD_BUILD_SUCCEEDING=0
    codebuild_end
  done
  codebuild_note
  codebuild_export
  [ "$codebuild_n" -ne 5 ] || codebuild_upload
  codebuild_note
}
codebuild_n=1 codebuild_part=commands codebuild_attempt=1 codebuild_result=0 codebuild_first=0
CODEBUILD_BUILD_SUCCEEDING=1
export CODEBUILD_BUILD_SUCCEEDING
while [ "$codebuild_n" -le 4 ]; do
  (codebuild_go)
  codebuild_ended=$?
  while read -r codebuild_n codebuild_part codebuild_attempt codebuild_result codebuild_first <&8; do
    codebuild_last="$codebuild_n $codebuild_part $codebuild_attempt $codebuild_result $codebuild_first"
  done
  read -r codebuild_n codebuild_part codebuild_attempt codebuild_result codebuild_first <<LAST
$codebuild_last
LAST
  [ "$codebuild_n" -le 4 ] || break
  # A command has ended the shell.
  eval "codebuild_has=\\$codebuild_has_$codebuild_n"
  [ "$codebuild_ended" -eq 0 ] || CODEBUILD_BUILD_SUCCEEDING=0
  if [ "$codebuild_part" = commands ]; then
    codebuild_first=$codebuild_ended
    codebuild_part=finally
  else
    codebuild_code=$codebuild_first
    [ "$codebuild_code" -ne 0 ] || codebuild_code=$codebuild_ended
    codebuild_end
  fi
done
[ "$codebuild_n" -ne 5 ] || codebuild_upload
exit "$codebuild_result"`;

/** A line that ends the text, and is none of it. */
function delimiterFor(body: string): string {
  let delimiter = 'END_OF_PHASES';
  const lines = new Set(body.split('\n'));
  while (lines.has(delimiter)) delimiter += '_';
  return delimiter;
}
