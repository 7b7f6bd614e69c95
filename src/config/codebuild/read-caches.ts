import type { Cache, CacheKey } from '../../pipeline/index.ts';
import type { MappingNode } from '../document/index.ts';
import type { PlacedText, ValueReader } from './buildspec-values.ts';
import { CACHE } from './language/outputs.ts';

const MOST_FALLBACK_KEYS = 5;

/** CodeBuild's cache is the project's: without a key all builds share one. */
export function readCaches(root: MappingNode, read: ValueReader): readonly Cache[] {
  const cache = read.mapping(root, 'cache');
  read.known(cache, 'cache', CACHE);
  const paths = read.texts(cache, 'paths').flatMap(({ text, node }) => {
    if (!/^(?:\/|~)/.test(text)) return [text];
    read.notActedOn(node, `${text} is not cached: only what is in the source folder can be`);
    return [];
  });
  const key = read.text(cache, 'key');
  const fallbackKeys = read.texts(cache, 'fallback-keys');
  const surplus = fallbackKeys[MOST_FALLBACK_KEYS];
  if (surplus !== undefined)
    read.error(surplus.node, `A cache has ${MOST_FALLBACK_KEYS} fallback keys at most`);
  const [unused] = fallbackKeys;
  if (key === null && unused !== undefined) {
    read.notActedOn(unused.node, 'fallback-keys are passed over where the cache has no key, as in CodeBuild');
  }
  const action = read.word(cache, 'action', ['save', 'restore'] as const);
  const cacheKey = keyOf(key, read);
  if (paths.length === 0) return [];
  return [
    {
      key: cacheKey,
      paths,
      untracked: false,
      unprotect: false,
      policy: action === 'save' ? 'push' : action === 'restore' ? 'pull' : 'pull-push',
      when: 'on_success',
      fallbackKeys: key === null ? [] : fallbackKeys.map(({ text }) => text),
    },
  ];
}

/** The one command that keys are made with: the digest of a file or two stands at their end. */
const HASH =
  /^([^`$]*?)-?\$\(\s*codebuild-hash-files\s+([^\s*?[\]{}'"`$()|;&<>\\]+(?:\s+[^\s*?[\]{}'"`$()|;&<>\\]+)?)\s*\)$/;

function keyOf(key: PlacedText | null, read: ValueReader): CacheKey {
  if (key === null) return { kind: 'text', text: 'codebuild' };
  const [, prefix = '', files] = HASH.exec(key.text) ?? [];
  if (files !== undefined)
    return { kind: 'files', files: files.split(/\s+/), prefix: prefix === '' ? null : prefix };
  if (/`|\$\(/.test(key.text)) {
    read.notActedOn(
      key.node,
      'key: a command in it is not run, so the cache does not change with what it looks at',
    );
  }
  return { kind: 'text', text: key.text };
}
