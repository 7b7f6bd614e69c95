export interface ByteRange {
  readonly start: number;
  /** Not included. */
  readonly end: number;
}

/** The one range that a Range header asks for (RFC 9110, 14); null: everything, as for a header that says anything else. */
export function byteRange(header: string | undefined, size: number): ByteRange | null | 'unsatisfiable' {
  const [, from, to] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '') ?? [];
  if (from === undefined || to === undefined || (from === '' && to === '')) return null;
  if (from === '') {
    const last = Number(to);
    return last === 0 || size === 0 ? 'unsatisfiable' : { start: Math.max(0, size - last), end: size };
  }
  const start = Number(from);
  if (to !== '' && Number(to) < start) return null;
  return start >= size ? 'unsatisfiable' : { start, end: to === '' ? size : Math.min(size, Number(to) + 1) };
}
