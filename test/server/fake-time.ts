import { existsSync } from 'node:fs';

/** The library that sets a program's clock; null: it is not installed. */
export const FAKETIME: string | null =
  ['x86_64-linux-gnu', 'aarch64-linux-gnu']
    .map((machine) => `/usr/lib/${machine}/faketime/libfaketime.so.1`)
    .find((path) => existsSync(path)) ?? null;
