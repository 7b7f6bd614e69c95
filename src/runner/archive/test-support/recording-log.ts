import type { JobLog } from '../../log/job-log.ts';

/** A log that remembers its lines. */
export function recordingLog(): JobLog & { readonly lines: string[] } {
  const lines: string[] = [];
  return {
    lines,
    write: async () => undefined,
    async line(text) {
      lines.push(text);
    },
    sectionStart: async () => undefined,
    sectionEnd: async () => undefined,
    mask: () => undefined,
  };
}
