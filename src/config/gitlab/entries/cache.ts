import type { Cache, CacheKey } from '../../../pipeline/index.ts';
import { attribute, byKind, checkedChild, child, type Fields, into, listOf, record } from './collections.ts';
import { complain, complainOf, type Entry } from './entry.ts';
import { boolean, isBlank, text, textOf, word } from './scalars.ts';

const strings = listOf(text({ message: 'should be an array of strings' }), {
  message: 'should be an array of strings',
});

const KEY_MESSAGE = 'should be a hash, a string or a symbol';
const MAX_KEY_FILES = 10;
const MAX_FALLBACK_KEYS = 5;

interface FilesKey {
  files: readonly string[];
  files_commits: readonly string[];
  prefix: string;
}

const keyFiles = into(
  listOf(text({ message: 'should be an array of strings' }), {
    message: 'should be an array of strings',
    maxItems: MAX_KEY_FILES,
    tooMany: `has too many items (maximum is ${MAX_KEY_FILES})`,
    blank: false,
    none: 'requires at least 1 item',
  }),
  (files) => files.map((file) => file.replace(/^\/+/, '')),
);

const cacheKey: Entry<CacheKey> = byKind(
  {
    scalar: into(keyText(KEY_MESSAGE, complainOf), (key) => ({ kind: 'text', text: key }) as const),
    mapping: into(
      record<FilesKey>(
        {
          files: child(keyFiles),
          files_commits: child(keyFiles),
          prefix: child(keyText('should be a string or symbol', complain)),
        },
        { oneOf: ['files', 'files_commits'] },
      ),
      filesKeyOf,
    ),
  },
  KEY_MESSAGE,
  complainOf,
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
    fallback_keys: checkedChild(
      listOf(text({ message: 'should be an array of strings' }), {
        message: 'should be an array of strings',
        maxItems: MAX_FALLBACK_KEYS,
      }),
      (node) => node.kind !== 'sequence' || node.items.length <= MAX_FALLBACK_KEYS,
      `has to many entries (maximum ${MAX_FALLBACK_KEYS})`,
    ),
  }),
  ({ values }) => ({
    key: values.key ?? { kind: 'text', text: 'default' },
    paths: values.paths ?? [],
    untracked: values.untracked ?? false,
    unprotect: values.unprotect ?? false,
    policy: values.policy || 'pull-push',
    when: values.when ?? 'on_success',
    fallbackKeys: values.fallback_keys ?? [],
  }),
);

const MAX_CACHES = 4;

/** `cache`: one, or up to four. Lists within the list are spread into it. */
export const caches: Entry<readonly Cache[]> = {
  shape: { type: 'one-of', choices: [oneCache.shape, cacheList(oneCache).shape] },
  read(node, at) {
    if (node.kind === 'mapping')
      return cacheList(oneCache).read({ kind: 'sequence', items: [node], span: node.span }, at);
    // GitLab names the entry for all caches here, which no file can say.
    const all = { ...at, key: 'caches' };
    if (node.kind !== 'sequence') return complain(all, node.span, 'can only be a Hash or an Array');
    if (node.items.length > MAX_CACHES) {
      const span = node.items[MAX_CACHES]?.span ?? node.span;
      return complain(all, span, `no more than ${MAX_CACHES} caches can be created`);
    }
    return cacheList(oneCache).read(node, at);
  },
};

function cacheList(cache: Entry<Cache>): Entry<readonly Cache[]> {
  return listOf(cache, { nested: true, skipNull: true });
}

/** A part of a path on the other side: no `/`, in whatever way it is written, and no way upwards. */
function keyText(message: string, report: typeof complain): Entry<string> {
  return {
    shape: { type: 'string', description: 'text without /', pattern: '^(?!\\.\\.?$)[^/]*$' },
    read(node, at) {
      const value = textOf(node);
      if (value === null) return report(at, node.span, message);
      const decoded = value.replaceAll(/%2f/gi, '/').replaceAll(/%2e/gi, '.');
      if (decoded.includes('/')) return complain(at, node.span, 'cannot contain the "/" character');
      if (decoded === '.' || decoded === '..') return complain(at, node.span, 'cannot be "." or ".."');
      return value;
    },
  };
}

function filesKeyOf({ values }: Fields<FilesKey>): CacheKey {
  const { files, files_commits: commits } = values;
  const prefix = values.prefix ?? null;
  if (files !== undefined) return { kind: 'files', files, prefix };
  if (commits !== undefined) return { kind: 'files-commits', files: commits, prefix };
  return { kind: 'text', text: 'default' };
}

/** GitLab's check looks for one of the words anywhere, and lets variables through; so does ours. */
function policy(): Entry<string> {
  return {
    shape: {
      type: 'one-of',
      choices: [
        { type: 'enum', values: ['pull-push', 'push', 'pull'] },
        { type: 'string', description: 'pull-push, push, pull, or a variable' },
      ],
    },
    read(node, at) {
      const value = textOf(node);
      if (value === null) return complain(at, node.span, 'should be a string');
      if (isBlank(value)) return '';
      if (/push|pull|\$/.test(value)) return value;
      return complain(at, node.span, 'should be a variable or one of: pull-push, push, pull');
    },
  };
}
