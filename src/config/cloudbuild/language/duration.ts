/** Whether a text is a duration as protocol buffers write it: `600s`, `3.5s`. */
export function isProtoDuration(text: string): boolean {
  return /^\d{1,12}(?:\.\d{0,9})?s$/.test(text);
}

/** The seconds of `600s`, `3.5s`, and also of `15m` or `1h30m`, rounded up to whole ones; null for anything else. */
export function secondsOf(text: string): number | null {
  if (isProtoDuration(text)) return Math.ceil(Number(text.slice(0, -1)));
  const [whole, hours = '0', minutes = '0', seconds = '0'] =
    /^(?:(\d{1,6})h)?(?:(\d{1,8})m)?(?:(\d{1,10})s)?$/.exec(text) ?? [];
  if (whole === undefined || whole === '') return null;
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
}
