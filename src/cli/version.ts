import { readFileSync } from 'node:fs';

/** Put in by the bundler; from the sources, package.json is asked. */
declare const SLIPWAY_VERSION: string | undefined;

export const VERSION = typeof SLIPWAY_VERSION === 'string' ? SLIPWAY_VERSION : versionOfPackage();

function versionOfPackage(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
