/** Where a list goes on, as text that nobody needs to understand. */
export function writeCursor(id: number): string {
  return Buffer.from(JSON.stringify({ id: String(id) })).toString('base64url');
}

/** null: it is none. */
export function readCursor(text: string): number | null {
  const [, id] = /^\{"id":"([1-9]\d{0,14})"\}$/.exec(Buffer.from(text, 'base64url').toString()) ?? [];
  return id === undefined ? null : Number(id);
}
