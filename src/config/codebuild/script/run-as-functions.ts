import { quoteForShell } from '../../../base/quote-for-shell.ts';

/**
 * `codebuild_elsewhere` runs the next phase, with those after it, in a shell of the user that they are for; it fails where
 * that is the user of this shell. First it opens the files through which the shells tell each other how it stands.
 *
 * Such a shell has the exported variables and the folder of the one that starts it, and hands nothing back but the
 * variables that the build exports: what another user's commands have set is nothing that root should read as commands.
 */
export function runAsFunctions(users: readonly (string | null)[], shell: 'sh' | 'bash'): string {
  if (users.every((user) => user === null)) {
    return `exec 9>> "$1/state" 8< "$1/state"
rm -rf "$1"
codebuild_elsewhere() { return 1; }`;
  }
  const cases = users.flatMap((user, index) =>
    user === null ? [] : [`${index + 1}) codebuild_user=${quoteForShell(user)} ;;`],
  );
  return `if [ "$1" != inner ]; then
  chmod a+r "$1/phases"
  exec 9>> "$1/state" 8< "$1/state" 7< "$1/phases"
  rm -rf "$1"
fi
codebuild_stays=
codebuild_find_user() {
  codebuild_user=
  [ -z "$codebuild_stays" ] || return 0
  case $codebuild_n in ${cases.join(' ')} esac
}
codebuild_shell=${shell}
${LIBRARY}`;
}

/**
 * `su` is the last that is tried: it makes a session of its own, which a runner cannot end with the job's. Who is not
 * root, or is it only in a namespace that has no other users, cannot be anybody else.
 */
const LIBRARY = `codebuild_as() {
  codebuild_who=$1
  shift
  if command -v runuser > /dev/null; then
    runuser -u "$codebuild_who" -- "$@"
  elif setpriv --help 2>&1 | command grep -e --reuid > /dev/null; then
    setpriv --reuid "$codebuild_who" --regid "$(id -g "$codebuild_who")" --init-groups -- "$@"
  elif command -v su > /dev/null; then
    su -m -s /bin/sh "$codebuild_who" -c "exec $*"
  else
    return 127
  fi
}
codebuild_home() {
  while IFS=: read -r codebuild_who _ _ _ _ codebuild_house _; do
    [ "$codebuild_who" != "$codebuild_user" ] || { printf '%s\\n' "$codebuild_house"; return 0; }
  done < /etc/passwd
  echo /
}
codebuild_inner() {
  (
    HOME=$(codebuild_home) USER=$codebuild_user LOGNAME=$codebuild_user
    export HOME USER LOGNAME
    codebuild_as "$codebuild_user" "$codebuild_shell" /dev/fd/7 inner "$codebuild_user" "$codebuild_n" "$codebuild_part" \\
      "$codebuild_attempt" "$codebuild_result" "$codebuild_first" "$codebuild_at" "$codebuild_failed"
  )
}
codebuild_fail_phase() {
  [ "$codebuild_has" = no ] || codebuild_say "Entering phase $(codebuild_name)"
  codebuild_code=1 codebuild_reason=$1
  CODEBUILD_BUILD_SUCCEEDING=0
  codebuild_end
  codebuild_note
}
codebuild_elsewhere() {
  codebuild_find_user
  [ -n "$codebuild_user" ] && [ -z "$codebuild_me" ] && [ "$codebuild_has" = yes ] || { codebuild_own; return 1; }
  if ! id -u "$codebuild_user" > /dev/null 2>&1; then
    codebuild_fail_phase "run-as: there is no user $codebuild_user"
    return 0
  fi
  if [ "$(id -u "$codebuild_user")" -eq "$(id -u)" ]; then
    codebuild_user=
    return 1
  fi
  codebuild_as "$codebuild_user" true > /dev/null 2>&1
  codebuild_status=$?
  if [ "$codebuild_status" -eq 127 ]; then
    codebuild_fail_phase 'run-as: none of runuser, setpriv and su is there'
    return 0
  elif [ "$codebuild_status" -ne 0 ]; then
    codebuild_say "run-as: nothing can be run as $codebuild_user here; all commands run as $(id -un)"
    codebuild_stays=yes codebuild_user=
    return 1
  fi
  chmod -R a+rX "$CODEBUILD_SRC_DIR"
  codebuild_share
  codebuild_wanted=$codebuild_user
  while [ "$codebuild_n" -le 4 ] && { [ "$codebuild_part" != next ] || [ "$codebuild_user" = "$codebuild_wanted" ]; }; do
    codebuild_user=$codebuild_wanted
    codebuild_before=$codebuild_n.$codebuild_attempt
    codebuild_inner
    codebuild_status=$?
    codebuild_read
    if [ "$codebuild_n" -le 4 ] && [ "$codebuild_part" != next ]; then
      codebuild_ended "$codebuild_status"
    elif [ "$codebuild_before" = "$codebuild_n.$codebuild_attempt" ]; then
      codebuild_fail_phase "run-as: no shell could be started as $codebuild_wanted"
    fi
    codebuild_find_user
  done
  codebuild_note
  [ "$codebuild_result" -eq 0 ] || CODEBUILD_BUILD_SUCCEEDING=0
  codebuild_import
  return 0
}
codebuild_own() { [ -n "$codebuild_me" ] || codebuild_user=; }`;
