/** The seconds of `600s` or `3.5s`, rounded up to whole ones; null for anything else. */
export function secondsOf(text: string): number | null {
  const [, whole = ''] = /^(\d{1,12}(?:\.\d{0,9})?)s$/.exec(text) ?? [];
  return whole === '' ? null : Math.ceil(Number(whole));
}
