import type { Cache, CacheKey } from '../../../pipeline/index.ts';
import type { Node } from '../../document/index.ts';
import { attribute, byKind, child, type Fields, into, listOf, record } from './collections.ts';
import { complain, type Entry, locationOf, type Position, say } from './entry.ts';
import { boolean, scalarAsText, text, textOf, word } from './scalars.ts';

const strings = listOf(text({ message: 'should be an array of strings' }), {
  message: 'should be an array of strings',
});

const KEY_MESSAGE = 'should be a hash, a string or a symbol';
const MAX_KEY_FILES = 10;

interface FilesKey {
  files: readonly string[];
  files_commits: readonly string[];
  prefix: string;
}

const keyFiles = listOf(text({ message: 'should be an array of strings' }), {
  message: 'should be an array of strings',
  maxItems: MAX_KEY_FILES,
  tooMany: `has too many items (maximum is ${MAX_KEY_FILES})`,
  blank: false,
});

const cacheKey: Entry<CacheKey> = byKind(
  {
    scalar: into(text({ message: KEY_MESSAGE }), checkedKeyText),
    mapping: into(
      record<FilesKey>({
        files: child(keyFiles),
        files_commits: child(keyFiles),
        prefix: child(scalarAsText('should be a string')),
      }),
      filesKeyOf,
    ),
  },
  KEY_MESSAGE,
);

interface CacheKeys {
  key: CacheKey;
  paths: readonly string[];
  untracked: boolean;
  unprotect: boolean;
  policy: string;
  when: Cache['when'];
  fallback_keys: readonly string[];
}

const oneCache: Entry<Cache> = into(
  record<CacheKeys>({
    key: child(cacheKey),
    paths: child(strings),
    untracked: child(boolean),
    unprotect: child(boolean),
    policy: attribute(policy()),
    when: attribute(word<Cache['when']>(['on_success', 'on_failure', 'always'])),
    fallback_keys: child(
      listOf(into(text({ message: 'should be an array of strings' }), checkedFallback), {
        message: 'should be an array of strings',
        maxItems: 5,
      }),
    ),
  }),
  ({ values }) => ({
    key: values.key ?? { kind: 'text', text: 'default' },
    paths: values.paths ?? [],
    untracked: values.untracked ?? false,
    unprotect: values.unprotect ?? false,
    policy: values.policy ?? 'pull-push',
    when: values.when ?? 'on_success',
    fallbackKeys: values.fallback_keys ?? [],
  }),
);

/** `cache`: one, or up to four. */
export const caches: Entry<readonly Cache[]> = byKind(
  {
    mapping: into(oneCache, (cache) => [cache]),
    sequence: listOf(oneCache, { maxItems: 4, tooMany: 'no more than 4 caches can be created' }),
  },
  'should be a hash or an array of hashes',
);

function checkedKeyText(value: string, at: Position, node: Node) {
  if (value.includes('/')) return complain(at, node.span, 'cannot contain the "/" character');
  if (value === '.' || value === '..') return complain(at, node.span, 'cannot be "." or ".."');
  return { kind: 'text', text: value } as const;
}

function checkedFallback(value: string, at: Position, node: Node) {
  return checkedKeyText(value, at, node) === undefined ? undefined : value;
}

function filesKeyOf({ values, spanOf }: Fields<FilesKey>, at: Position): CacheKey | undefined {
  const { files, files_commits: commits } = values;
  const prefix = values.prefix ?? null;
  if (files !== undefined && commits !== undefined) {
    const message = `${locationOf(at)} config these keys cannot be used together: files, files_commits`;
    return say(at, spanOf('files_commits'), message);
  }
  if (files !== undefined) return { kind: 'files', files, prefix };
  if (commits !== undefined) return { kind: 'files-commits', files: commits, prefix };
  return complain(at, spanOf('files'), 'missing required keys: files');
}

/** GitLab's check looks for one of the words anywhere, which lets variables through; so does ours. */
function policy(): Entry<string> {
  return {
    shape: { type: 'string', description: 'pull-push, push, pull, or a variable' },
    read(node, at) {
      const value = textOf(node);
      if (value !== null && /pull-push|push|pull|\$\w|\$\{\w/.test(value)) return value;
      return complain(at, node.span, 'should be a variable or one of: pull-push, push, pull');
    },
  };
}
