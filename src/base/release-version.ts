/**
 * The highest release among tags that a wish allows: `~latest`, `1` or `1.2`. Tags are semantic versions, with or
 * without a `v`; pre-releases are never chosen, as a person must name them. null when nothing fits.
 */
export function highestRelease(tags: Iterable<string>, wish: string): string | null {
  const wanted = wish === '~latest' ? [] : wish.split('.').map(Number);
  let highest: { readonly tag: string; readonly parts: readonly number[] } | null = null;
  for (const tag of tags) {
    const match = RELEASE.exec(tag);
    if (match === null) continue;
    const parts = match.slice(1, 4).map(Number);
    if (!wanted.every((part, index) => parts[index] === part)) continue;
    if (highest === null || compare(parts, highest.parts) > 0) highest = { tag, parts };
  }
  return highest?.tag ?? null;
}

/** Whether a version stands for the highest of several releases. */
export function isReleaseWish(version: string): boolean {
  return version === '~latest' || /^\d{1,9}(?:\.\d{1,9})?$/.test(version);
}

/** What is built may follow a `+`; it orders nothing. */
const RELEASE = /^v?(\d{1,9})\.(\d{1,9})\.(\d{1,9})(?:\+[\w.-]*)?$/;

function compare(one: readonly number[], other: readonly number[]): number {
  for (const [index, part] of one.entries()) {
    const difference = part - (other[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
