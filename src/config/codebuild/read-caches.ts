import type { Cache } from '../../pipeline/index.ts';
import type { MappingNode } from '../document/index.ts';
import type { ValueReader } from './buildspec-values.ts';
import { CACHE } from './language/outputs.ts';

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
  if (key !== null && /`|\$\(/.test(key.text)) {
    read.notActedOn(
      key.node,
      'key: a command in it is not run, so the cache does not change with what it looks at',
    );
  }
  const action = read.word(cache, 'action', ['save', 'restore'] as const);
  if (paths.length === 0) return [];
  return [
    {
      key: { kind: 'text', text: key?.text ?? 'codebuild' },
      paths,
      untracked: false,
      unprotect: false,
      policy: action === 'save' ? 'push' : action === 'restore' ? 'pull' : 'pull-push',
      when: 'on_success',
      fallbackKeys: read.texts(cache, 'fallback-keys').map(({ text }) => text),
    },
  ];
}
