import type { Elsewhere, Unavailable } from '../config/index.ts';

/** For whoever reads a project's files alone: all that is elsewhere is out of reach. */
export const NOTHING_ELSEWHERE: Elsewhere = {
  openProject: async () => OUT_OF_REACH,
  readRemote: async () => OUT_OF_REACH,
  readTemplate: async () => ({ kind: 'absent', near: [] }),
  openComponent: async () => OUT_OF_REACH,
};

const OUT_OF_REACH: Unavailable = {
  kind: 'unavailable',
  reason: 'only the files of this project are read here',
  hint: 'Copy the file into the project and include it with `local`, or put `rules` on this include.',
};

/** What GitLab says, too. */
export const TIMEOUT: Unavailable = { kind: 'unavailable', reason: 'of a timeout error', hint: null };

export const OFFLINE: Unavailable = {
  kind: 'unavailable',
  reason: 'it is not kept here, and --offline fetches nothing',
  hint: 'Run once without --offline.',
};
