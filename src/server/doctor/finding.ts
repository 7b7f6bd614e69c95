/** Something that was looked at. */
export interface Finding {
  /** `warning`: it works, and may not for long. `problem`: something does not work. */
  readonly level: 'ok' | 'warning' | 'problem';
  readonly area: Area;
  /** What was found, in one sentence. */
  readonly found: string;
  /** How to mend it; null when there is nothing to mend. */
  readonly mend: string | null;
}

export type Area =
  | 'machine'
  | 'files'
  | 'database'
  | 'storage'
  | 'server'
  | 'runners'
  | 'work'
  | 'repositories';

export function ok(area: Area, found: string): Finding {
  return { level: 'ok', area, found, mend: null };
}

export function warning(area: Area, found: string, mend: string): Finding {
  return { level: 'warning', area, found, mend };
}

export function problem(area: Area, found: string, mend: string): Finding {
  return { level: 'problem', area, found, mend };
}

/** What an error says, for a finding. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message.replace(/\.$/, '') : String(error);
}
