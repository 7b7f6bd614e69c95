/** Where files are laid out as CodeBuild uploads them: a folder for each artifact. */
export const STAGED_FOLDER = '.codebuild/artifacts';

/**
 * `codebuild_match` goes through what a glob finds below a folder that ends with a slash, until there is
 * `codebuild_enough`, and hands files to `codebuild_take`, without those that are `codebuild_excluded`. Only `**` leads to all
 * folders. A name that the shell found is quoted wherever it stands, for it may look like a glob itself.
 */
export const GLOB_LIBRARY = `codebuild_like() {
  case $2 in
    '**') return 0 ;;
    '**/'*)
      codebuild_like "$1" "\${2#??/}" && return 0
      case $1 in */*) codebuild_like "\${1#*/}" "$2" ;; *) return 1 ;; esac ;;
    */*)
      case $1 in */*) ;; *) return 1 ;; esac
      case \${1%%/*} in \${2%%/*}) codebuild_like "\${1#*/}" "\${2#*/}" ;; *) return 1 ;; esac ;;
    *) case $1 in */*) return 1 ;; $2) return 0 ;; *) return 1 ;; esac ;;
  esac
}
codebuild_files() {
  codebuild_from=$1 codebuild_glob=$2 codebuild_dots=
  case $2 in '*'*) codebuild_dots=.$2 ;; esac
  set --
  for codebuild_file in "$codebuild_from"$codebuild_glob \${codebuild_dots:+"$codebuild_from"$codebuild_dots}; do
    [ -f "$codebuild_file" ] || { [ -n "$codebuild_links" ] && [ -L "$codebuild_file" ]; } || continue
    ! codebuild_excluded "\${codebuild_file#"$codebuild_base"}" || continue
    set -- "$@" "$codebuild_file"
    [ "$#" -lt 200 ] || { codebuild_take "$@"; set --; }
  done
  [ "$#" -eq 0 ] || codebuild_take "$@"
}
codebuild_match() {
  ! codebuild_enough || return 0
  case $2 in
    '**') codebuild_match "$1" '**/*' ;;
    '**/'*)
      codebuild_match "$1" "\${2#??/}"
      for codebuild_at in "$1"* "$1".[!.]* "$1"..?*; do
        [ -d "$codebuild_at" ] && [ ! -L "$codebuild_at" ] || continue
        case $codebuild_at in .git | ${STAGED_FOLDER}) ;; *) codebuild_match "$codebuild_at/" "$2" ;; esac
      done ;;
    */*)
      codebuild_glob=\${2%%/*} codebuild_dots=
      case $2 in '*'*) codebuild_dots=.$codebuild_glob ;; esac
      for codebuild_at in "$1"$codebuild_glob \${codebuild_dots:+"$1"$codebuild_dots}; do
        case $codebuild_at in */. | */.. | .) continue ;; esac
        [ ! -d "$codebuild_at/" ] || codebuild_match "$codebuild_at/" "\${2#*/}"
      done ;;
    *'*'* | *'?'* | *'['*) codebuild_files "$1" "$2" ;;
    *) if [ -d "$1$2" ]; then codebuild_match "$1$2/" '**/*'; else codebuild_files "$1" "$2"; fi ;;
  esac
}`;
