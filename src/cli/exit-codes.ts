/** What the command's exit code tells a script. Documented in every command's help and in docs/reference/cli.md. */
export const EXIT = {
  success: 0,
  /** The pipeline ran and its status is not success; or the world did not allow to run it. */
  failed: 1,
  /** The pipeline file is invalid, or the command was called wrongly. */
  invalid: 2,
  /** Stopped by Ctrl-C or SIGTERM, after cleaning up. */
  interrupted: 130,
} as const;

export const EXIT_CODES_HELP = `Exit codes:
  0    success
  1    the pipeline failed, or could not be run
  2    the pipeline file is invalid, or the command was called wrongly
  130  interrupted`;
