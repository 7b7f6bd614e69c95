/** One mount of this process, as far as a sandbox must know it. */
export interface Mount {
  readonly target: string;
  readonly fileSystem: string;
}

/**
 * Reads /proc/self/mountinfo (proc_pid_mountinfo(5)): `ID PARENT DEV ROOT TARGET OPTIONS [OPTIONAL…] - TYPE SOURCE SUPER`.
 * Of mounts stacked on one target only the last, visible one is kept, in the order of mounting.
 */
export function parseMountTable(mountinfo: string): readonly Mount[] {
  const byTarget = new Map<string, Mount>();
  for (const line of mountinfo.split('\n')) {
    const [front = '', back = ''] = line.split(' - ');
    const target = front.split(' ')[4];
    const fileSystem = back.split(' ')[0];
    if (target === undefined || fileSystem === undefined || fileSystem === '') continue;
    const path = unescapeOctal(target);
    byTarget.delete(path);
    byTarget.set(path, { target: path, fileSystem });
  }
  return [...byTarget.values()];
}

/** One line of fstab(5): what `mount --all --fstab` mounts, in order, within a single process. */
export interface FstabEntry {
  readonly source: string;
  readonly target: string;
  readonly type: string;
  readonly options: string;
}

export function formatFstab(entries: readonly FstabEntry[]): string {
  return entries
    .map((entry) =>
      [entry.source, entry.target, entry.type, entry.options].map(escapeOctal).concat('0', '0').join(' '),
    )
    .map((line) => `${line}\n`)
    .join('');
}

/**
 * Whether a path can stand in overlay's option string. Colons, commas and backslashes separate things there, and
 * versions of mount(8) disagree about how to escape them.
 */
export function isPlainPath(path: string): boolean {
  return !/[:,\\"\n]/.test(path);
}

function unescapeOctal(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

function escapeOctal(text: string): string {
  return text.replaceAll(
    /[ \t\n\\]/g,
    (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`,
  );
}
