/**
 * What is under way is told to the outer shell through an open file without a name: commands such as `rm -rf /tmp/*` must
 * not end the build, or have it begin again. No command sees it: the next `exec 9>lock` would cut it off.
 *
 * `codebuild_n` is the phase (5: only the upload is left, 6: none is left), `codebuild_part` what of it is under way
 * (`next`: nothing yet), `codebuild_first` what its commands came to, `codebuild_result` what the build has come to,
 * `codebuild_at` the number of the command, `codebuild_failed` part and number of the first that failed.
 */
export const PHASES_LIBRARY = `codebuild_say() { printf '[Container] %s\\n' "$1"; }
codebuild_name() {
  case $codebuild_n in 1) echo INSTALL ;; 2) echo PRE_BUILD ;; 3) echo BUILD ;; *) echo POST_BUILD ;; esac
}
codebuild_note() {
  echo "$codebuild_n $codebuild_part $codebuild_attempt $codebuild_result $codebuild_first $codebuild_at $codebuild_failed" >&9
}
codebuild_read() {
  codebuild_last=
  while IFS= read -r codebuild_line <&8; do codebuild_last=$codebuild_line; done
  [ -n "$codebuild_last" ] || return 0
  IFS=' ' read -r codebuild_n codebuild_part codebuild_attempt codebuild_result codebuild_first codebuild_at codebuild_failed <<LAST
$codebuild_last
LAST
  case $codebuild_n$codebuild_attempt$codebuild_result$codebuild_first$codebuild_at in *[!0-9]*) codebuild_part= ;; esac
  case $codebuild_part.$codebuild_failed in
    next.- | commands.- | finally.- | finally.commands.[0-9]* | [cf]*.finally.[0-9]* | commands.commands.[0-9]*) ;;
    *) codebuild_n=6 codebuild_result=1 ;;
  esac
}
codebuild_run() {
  codebuild_at=$((codebuild_at + 1))
  if [ "$codebuild_sought" -gt 0 ]; then
    [ "$codebuild_at" -ne "$codebuild_sought" ] || codebuild_line=$1
    return 0
  fi
  [ "$codebuild_code" -eq 0 ] || return 0
  codebuild_note
  codebuild_say "Running command $1"
  codebuild_line=$1
  codebuild_command 7<&- 8<&- 9>&-
  codebuild_code=$?
  [ "$codebuild_code" -eq 0 ] || codebuild_tell_failure "$codebuild_code"
}
codebuild_tell_failure() {
  codebuild_seek "$codebuild_part.$codebuild_at"
  codebuild_say "Command did not exit successfully $codebuild_line exit status $1"
  [ "$codebuild_failed" != - ] || codebuild_failed=$codebuild_part.$codebuild_at
}
codebuild_seek() {
  codebuild_back=$codebuild_at codebuild_sought=\${1#*.} codebuild_at=0 codebuild_line=
  "codebuild_\${1%.*}_$codebuild_n"
  codebuild_at=$codebuild_back codebuild_sought=0
}
codebuild_message() {
  if [ -n "$codebuild_reason" ]; then
    printf '%s\\n' "$codebuild_reason"
  else
    codebuild_seek "$codebuild_failed"
    printf '%s\\n' "Error while executing command: $codebuild_line. Reason: exit status $codebuild_code"
  fi
}`;

/** Goes from phase to phase, in a shell that a command may end and in one around it. */
export const PHASES_LOOP = `codebuild_end() {
  if [ "$codebuild_has" = yes ] && [ "$codebuild_code" -ne 0 ]; then
    codebuild_say "Phase complete: $(codebuild_name) State: FAILED"
    codebuild_say "Phase context status code: COMMAND_EXECUTION_ERROR Message: $(codebuild_message)"
    codebuild_how=$(codebuild_on_failure)
    if [ "$codebuild_attempt" -le "\${codebuild_how#*.}" ] && codebuild_matches; then
      codebuild_say "Retrying phase $(codebuild_name), $codebuild_attempt of \${codebuild_how#*.}"
      codebuild_attempt=$((codebuild_attempt + 1))
      codebuild_part=next codebuild_failed=- codebuild_reason=
      [ "$codebuild_result" -ne 0 ] || CODEBUILD_BUILD_SUCCEEDING=1
      return 0
    fi
    [ "$codebuild_result" -ne 0 ] || codebuild_result=$codebuild_code
    case $codebuild_how:$codebuild_n in
      abort*) codebuild_n=6 ;;
      continue* | *:[34]) codebuild_n=$((codebuild_n + 1)) ;;
      *) codebuild_n=6 ;;
    esac
  else
    if [ "$codebuild_has" = yes ]; then
      codebuild_say "Phase complete: $(codebuild_name) State: SUCCEEDED"
      codebuild_say 'Phase context status code:  Message: '
    fi
    codebuild_n=$((codebuild_n + 1))
  fi
  codebuild_attempt=1
  codebuild_part=next codebuild_failed=- codebuild_reason=
}
codebuild_go() {
  [ "$codebuild_result" -eq 0 ] || CODEBUILD_BUILD_SUCCEEDING=0
  while [ "$codebuild_n" -le 4 ]; do
    eval "codebuild_has=\\$codebuild_has_$codebuild_n"
    if [ "$codebuild_part" = next ]; then
      codebuild_elsewhere && continue
      [ "$codebuild_user" = "$codebuild_me" ] || break
      codebuild_code=0 codebuild_at=0 codebuild_part=commands
      codebuild_note
      codebuild_forget
      [ "$codebuild_has" = no ] || codebuild_say "Entering phase $(codebuild_name)"
      "codebuild_commands_$codebuild_n"
      codebuild_first=$codebuild_code
    fi
    [ "$codebuild_first" -eq 0 ] || CODEBUILD_BUILD_SUCCEEDING=0
    codebuild_code=0 codebuild_at=0 codebuild_part=finally
    codebuild_note
    "codebuild_finally_$codebuild_n"
    [ "$codebuild_first" -eq 0 ] || codebuild_code=$codebuild_first
    [ "$codebuild_code" -eq 0 ] || CODEBUILD_BUILD_SUCCEEDING=0
    codebuild_end
  done
  codebuild_note
  codebuild_export
  if [ -z "$codebuild_me" ] && [ "$codebuild_n" -eq 5 ]; then
    codebuild_upload
    codebuild_note
  fi
  return 0
}
codebuild_ended() {
  codebuild_settle
  eval "codebuild_has=\\$codebuild_has_$codebuild_n"
  if [ "$1" -ne 0 ]; then
    CODEBUILD_BUILD_SUCCEEDING=0
    [ "$codebuild_part" = next ] || codebuild_tell_failure "$1"
  fi
  if [ "$codebuild_part" = commands ]; then
    codebuild_first=$1
    codebuild_part=finally
  else
    codebuild_code=$codebuild_first
    [ "$codebuild_code" -ne 0 ] || codebuild_code=$1
    codebuild_end
  fi
}
codebuild_sought=0 codebuild_reason= codebuild_user= codebuild_code=0
export CODEBUILD_BUILD_SUCCEEDING
if [ "$1" = inner ]; then
  codebuild_me=$2 codebuild_n=$3 codebuild_part=$4 codebuild_attempt=$5 codebuild_result=$6 codebuild_first=$7 codebuild_at=$8 codebuild_failed=$9
  codebuild_go
  exit 0
fi
codebuild_me= codebuild_n=1 codebuild_part=next codebuild_attempt=1 codebuild_result=0 codebuild_first=0 codebuild_at=0 codebuild_failed=-
CODEBUILD_BUILD_SUCCEEDING=1
while [ "$codebuild_n" -le 4 ]; do
  (codebuild_go)
  codebuild_status=$?
  codebuild_read
  # A command has ended the shell.
  [ "$codebuild_n" -gt 4 ] || codebuild_ended "$codebuild_status"
done
[ "$codebuild_n" -ne 5 ] || codebuild_upload
codebuild_clean
exit "$codebuild_result"`;
