/** The programs that CodeBuild puts into a build, as far as they are here. */
const PROGRAMS = /\bcodebuild-(?:tests-run|glob-search)\b/;

/** Whether a command names one of them. */
export function namesTestPrograms(commands: readonly string[]): boolean {
  return commands.some((command) => PROGRAMS.test(command));
}

/**
 * `codebuild-tests-run` and `codebuild-glob-search` (docs.aws.amazon.com/codebuild, "About test splitting"), for commands
 * that share a shell: names with a hyphen are none of functions, but of aliases, which work in every command and not in
 * programs that it starts. A build of a fanout takes its part of the files, any other all of them.
 */
export const TEST_FUNCTIONS = `shopt -s expand_aliases 2> /dev/null
alias codebuild-tests-run=codebuild_tests_run codebuild-glob-search=codebuild_glob_search
codebuild_glob_search() { (
  set +efu
  IFS=
  codebuild_enough() { return 1; }
  codebuild_excluded() { return 1; }
  codebuild_take() { printf '%s\\n' "$@"; }
  codebuild_links= codebuild_base=
  for codebuild_glob_given in "$@"; do
    case $codebuild_glob_given in
      /*) codebuild_match / "\${codebuild_glob_given#/}" ;;
      *) codebuild_match '' "\${codebuild_glob_given#./}" ;;
    esac
  done
) }
codebuild_wrong_use() {
  echo "codebuild-tests-run: $1" >&2
  exit 2
}
codebuild_tests_run() { (
  set +eu
  codebuild_test= codebuild_search= codebuild_way=equal-distribution
  while [ "$#" -gt 0 ]; do
    case $1 in
      --*=*) codebuild_value=\${1#*=} ;;
      *) [ "$#" -ge 2 ] || codebuild_wrong_use "$1 has no value"; codebuild_value=$2 ;;
    esac
    case $1 in
      --test-command | --test-command=*) codebuild_test=$codebuild_value ;;
      --files-search | --files-search=*) codebuild_search=$codebuild_value ;;
      --sharding-strategy | --sharding-strategy=*) codebuild_way=$codebuild_value ;;
      *) codebuild_wrong_use "there is no $1" ;;
    esac
    case $1 in --*=*) shift ;; *) shift 2 ;; esac
  done
  [ -n "$codebuild_test" ] && [ -n "$codebuild_search" ] ||
    codebuild_wrong_use '--test-command and --files-search must be given'
  codebuild_found=$(eval "$codebuild_search") || exit
  codebuild_found=$(printf '%s\\n' "$codebuild_found" | LC_ALL=C sort -u)
  codebuild_index=\${CI_NODE_INDEX:-1} codebuild_total=\${CI_NODE_TOTAL:-1}
  codebuild_count=0
  while IFS= read -r codebuild_file; do
    [ -z "$codebuild_file" ] || codebuild_count=$((codebuild_count + 1))
  done <<FILES
$codebuild_found
FILES
  codebuild_size=$((codebuild_count / codebuild_total)) codebuild_more=$((codebuild_count % codebuild_total))
  codebuild_least=$((codebuild_index - 1 < codebuild_more ? codebuild_index - 1 : codebuild_more))
  codebuild_start=$(((codebuild_index - 1) * codebuild_size + codebuild_least))
  codebuild_stop=$((codebuild_start + codebuild_size + (codebuild_index <= codebuild_more)))
  codebuild_number=0
  set --
  CODEBUILD_CURRENT_SHARD_FILES=
  while IFS= read -r codebuild_file; do
    [ -n "$codebuild_file" ] || continue
    codebuild_number=$((codebuild_number + 1))
    case $codebuild_way in
      equal-distribution)
        [ "$codebuild_number" -gt "$codebuild_start" ] && [ "$codebuild_number" -le "$codebuild_stop" ] || continue ;;
      stability)
        codebuild_sum=$(printf '%s' "$codebuild_file" | cksum)
        [ $((\${codebuild_sum%% *} % codebuild_total)) -eq $((codebuild_index - 1)) ] || continue ;;
      *) codebuild_wrong_use '--sharding-strategy should be equal-distribution or stability' ;;
    esac
    set -- "$@" "$codebuild_file"
    CODEBUILD_CURRENT_SHARD_FILES="$CODEBUILD_CURRENT_SHARD_FILES\${CODEBUILD_CURRENT_SHARD_FILES:+
}$codebuild_file"
  done <<FILES
$codebuild_found
FILES
  export CODEBUILD_CURRENT_SHARD_FILES
  codebuild_say "Build $codebuild_index of $codebuild_total runs $# of $codebuild_count test files"
  [ "$#" -gt 0 ] || exit 0
  case $codebuild_test in
    *CODEBUILD_CURRENT_SHARD_FILES*) eval "$codebuild_test" ;;
    *) eval "$codebuild_test \\"\\$@\\"" ;;
  esac
) }`;
