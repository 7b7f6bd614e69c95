import type { Elsewhere, Unavailable } from '../../config/index.ts';

/** A server that fetches nothing from other places says so where an include asks for it. */
export const UNAVAILABLE_ELSEWHERE: Pick<Elsewhere, 'readRemote' | 'readTemplate' | 'openComponent'> = {
  readRemote: async () => OUT_OF_REACH,
  readTemplate: async () => ({ kind: 'absent', near: [] }),
  openComponent: async () => OUT_OF_REACH,
};

const OUT_OF_REACH: Unavailable = {
  kind: 'unavailable',
  reason: 'this server reads only its own projects',
  hint: 'Push the file to a project of this server and include it with `project`.',
};
