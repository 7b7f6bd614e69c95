import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Exits 0 when node_modules of the folder named by the first argument holds exactly the versions that its
 * package-lock.json asks for, 1 otherwise. Packages for other platforms may be absent.
 */
interface Lock {
  readonly packages: Readonly<Record<string, { readonly version?: string; readonly optional?: boolean }>>;
}

const root = process.argv[2] ?? '.';
const wanted = Object.entries(readLock('package-lock.json').packages).filter(([path]) => path !== '');
const installed = readLock('node_modules/.package-lock.json').packages;
const current = wanted.every(([path, { version, optional }]) =>
  installed[path] === undefined ? optional === true : installed[path].version === version,
);
process.exitCode = current ? 0 : 1;

function readLock(path: string): Lock {
  return JSON.parse(readFileSync(join(root, path), 'utf8')) as Lock;
}
