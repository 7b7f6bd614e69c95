import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { layerViolations } from './layer-violations.ts';

/** Prints where the sources break the layer rule, and fails when they do. */
const root = join(import.meta.dirname, '..');
const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly dependencies: Readonly<Record<string, string>>;
};
const sources = new Map(
  readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => [relative(root, path), readFileSync(path, 'utf8')]),
);
const found = layerViolations(sources, new Set(Object.keys(dependencies)));
for (const violation of found) process.stderr.write(`layers: ${violation}\n`);
process.stderr.write(`layers: ${sources.size} files, ${found.length} violations\n`);
if (found.length > 0 || sources.size === 0) process.exitCode = 1;
