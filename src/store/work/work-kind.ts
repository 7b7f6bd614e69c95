/**
 * A kind of work that is written down to be done later, maybe by another process: what is to be known then stands beside
 * it as JSON. Who writes it and who reads it agree by the kind.
 */
export interface WorkKind<Body> {
  readonly name: string;
  write(body: Body): string;
  /** Of what `write` made, by this version of the program or by one before it. */
  read(text: string): Body;
}

export function workKind<Body>(name: string): WorkKind<Body> {
  return { name, write: (body) => JSON.stringify(body), read: (text) => JSON.parse(text) };
}
