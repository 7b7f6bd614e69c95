import { quoteForShell } from '../../../base/quote-for-shell.ts';
import { STAGED_FOLDER } from './glob-library.ts';

export interface ArtifactsScript {
  /** The files are laid out in `STAGED_FOLDER`; else it is only looked for them. */
  readonly staged: boolean;
  readonly artifacts: readonly BuildArtifact[];
}

/** One of the archives that CodeBuild makes. Names and paths are as they were written, with their variables. */
export interface BuildArtifact {
  /** `primary`, or the name that the project of CodeBuild has for it. */
  readonly id: string;
  /** As the shell makes it, also with commands in it; null: none is given. */
  readonly name: string | null;
  /** The folders that files are looked for in, a glob; empty: where the source is. */
  readonly base: string;
  readonly files: readonly string[];
  readonly exclude: readonly string[];
  /** Files lose their folders. */
  readonly isFlat: boolean;
  /** Links stay links; else what they lead to is kept. */
  readonly keepsLinks: boolean;
}

/**
 * The function `codebuild_artifacts`, the phase UPLOAD_ARTIFACTS, for any POSIX sh. It fails as CodeBuild does when an
 * artifact has no files. All it sets is gone with its subshell.
 */
export function artifactsFunction({ staged, artifacts }: ArtifactsScript): string {
  return `codebuild_artifacts() { (
  set +efu
  IFS=
  cd "$CODEBUILD_SRC_DIR" || exit 1
  codebuild_staged=${staged ? STAGED_FOLDER : ''}
${staged ? `  command rm -rf ${STAGED_FOLDER}\n` : ''}${LIBRARY}
${artifacts.map(collectArtifact).join('\n')}
) }`;
}

function collectArtifact({ id, name, base, files, exclude, isFlat, keepsLinks }: BuildArtifact): string {
  const excluded = exclude.map((glob) => `codebuild_like "$1" ${wordOf(globOf(glob))}`);
  const folder = name === null ? quoteForShell(id) : `"$codebuild_folder"`;
  return [
    `codebuild_excluded() { ${[...excluded, 'false'].join(' || ')}; }`,
    ...(name === null ? [] : [folderOf(name, id)]),
    `codebuild_keep ${folder} ${wordOf(base)} ${isFlat ? 'flat' : "''"} ${keepsLinks ? 'links' : "''"} ${files
      .map((glob) => wordOf(globOf(glob)))
      .join(' ')} || exit`,
  ].join('\n');
}

/** Steps that say nothing are left out: `**` twice would be tried in every way. */
function globOf(glob: string): string {
  return glob
    .replace(/^(?:\.\/)+/, '')
    .replace(/\/+/g, '/')
    .replace(/(?:\*\*\/)+/g, '**/')
    .replace(/\/$/, '');
}

/** One word for a shell, in which variables stand for their values and nothing else means anything. */
function wordOf(text: string): string {
  const inside = text
    .replaceAll('\0', '')
    .replace(/[\\"`]|\$(?![A-Za-z_{])|\$\{(?![A-Za-z_]\w*\})/g, (found) => `\\${found}`);
  return `"${inside}"`;
}

/** A here-document takes a name as a shell does, and quotes in it as they are. */
function folderOf(name: string, id: string): string {
  let end = 'END_OF_NAME';
  while (name.split('\n').includes(end)) end += '_';
  return `codebuild_folder=$(command cat <<${end}
${name.replaceAll('\0', '')}
${end}
)
case /$codebuild_folder/ in
  *//* | *'
'*[!/]* | */../* | */./*) codebuild_folder=${quoteForShell(id)} ;;
esac`;
}

const LIBRARY = `  codebuild_enough() { [ -z "$codebuild_staged" ] && [ "$codebuild_kept" -gt 0 ]; }
  codebuild_take() {
    codebuild_below=\${codebuild_from#"$codebuild_base"}
    case /$codebuild_below in */../*) codebuild_say "Not kept: $codebuild_from" && return 0 ;; esac
    codebuild_kept=$((codebuild_kept + $#))
    [ -n "$codebuild_staged" ] || return 0
    [ -z "$codebuild_flat" ] || codebuild_below=
    command mkdir -p "$codebuild_to/$codebuild_below" &&
      command cp -p "-\${codebuild_links:-L}" -- "$@" "$codebuild_to/$codebuild_below" || exit 1
  }
  codebuild_none() {
    codebuild_say 'Phase complete: UPLOAD_ARTIFACTS State: FAILED'
    codebuild_say "Phase context status code: CLIENT_ERROR Message: $1"
    return 1
  }
  codebuild_keep() {
    codebuild_to=$codebuild_staged/$1 codebuild_flat=$3 codebuild_links=\${4:+P} codebuild_kept=0
    codebuild_bases=\${2#"$CODEBUILD_SRC_DIR/"}
    shift 4
    codebuild_found=
    for codebuild_base in $codebuild_bases; do
      [ ! -d "$codebuild_base" ] || codebuild_in "\${codebuild_base%/}/" "$@"
    done
    [ -n "$codebuild_bases" ] || codebuild_in '' "$@"
    [ -n "$codebuild_found" ] || codebuild_none "no matching base directory path found for $codebuild_bases" || return 1
    [ "$codebuild_kept" -gt 0 ] || codebuild_none 'no matching artifact paths found' || return 1
    [ -z "$codebuild_staged" ] || codebuild_say "Found $codebuild_kept file(s)"
  }
  codebuild_in() {
    codebuild_found=yes codebuild_base=$1
    shift
    for codebuild_pattern in "$@"; do
      case $codebuild_pattern in
        "$CODEBUILD_SRC_DIR"/*) codebuild_match '' "\${codebuild_pattern#"$CODEBUILD_SRC_DIR"/}" ;;
        /*) codebuild_match / "\${codebuild_pattern#/}" ;;
        *) codebuild_match "$codebuild_base" "$codebuild_pattern" ;;
      esac
    done
  }`;
