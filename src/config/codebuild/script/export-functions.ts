/** Where the exported variables are written to, in the form of a dotenv report. */
export const EXPORTED_FILE = '.codebuild/exported.env';

/**
 * `codebuild_export` writes the variables down. `codebuild_share` lets a shell of another user do that, and
 * `codebuild_import` takes over what it wrote, whose lines are taken for nothing else.
 */
export function exportFunctions(names: readonly string[]): string {
  if (names.length === 0) return NOTHING_EXPORTED;
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
}
codebuild_share() {
  mkdir -p "$CODEBUILD_SRC_DIR/.codebuild" && rm -f ${file} && : > ${file} && chmod a+rw ${file}
}
codebuild_import() {
  while IFS= read -r codebuild_line; do
    case $codebuild_line in
${names.map((name) => `      ${name}=?*) ${name}=\${codebuild_line#*=} && export ${name} ;;`).join('\n')}
    esac
  done < ${file}
}`;
}

const NOTHING_EXPORTED = `codebuild_export() { :; }
codebuild_share() { :; }
codebuild_import() { :; }`;
