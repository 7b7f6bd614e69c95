import type { JobLog } from './job-log.ts';

/** A log whose sections are always closed again. */
export interface SectionedLog extends JobLog {
  /** Runs `body` within a section. */
  inSection<T>(name: string, header: string, body: () => Promise<T>): Promise<T>;
}

export function sectionedLog(log: JobLog): SectionedLog {
  return {
    ...log,
    async inSection(name, header, body) {
      await log.sectionStart(name, header);
      try {
        return await body();
      } finally {
        await log.sectionEnd(name);
      }
    },
  };
}
