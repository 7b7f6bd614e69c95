/** The looks of the runner's own lines, as GitLab's runner has them (its helpers/color.go). */
export const RESET = '\u001b[0;m';
export const CLEAR_LINE = '\u001b[0K';

export const LOOKS = {
  plain: '',
  info: '\u001b[32;1m',
  warning: '\u001b[0;33m',
  error: '\u001b[31;1m',
  header: '\u001b[36;1m',
} as const;
