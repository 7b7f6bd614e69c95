import { expect, test } from 'vitest';
import { AppError } from '../../base/app-error.ts';
import type { SecretReference } from '../../pipeline/index.ts';
import type { SecretSource } from './secret-source.ts';

export interface SecretSourceUnderTest {
  readonly source: SecretSource;
  readonly store: SecretReference['store'];
  /** Puts a secret where the source finds it; again: another value. */
  set(name: string, value: string): Promise<void>;
}

/** The promises of `SecretSource`, as examples. Called within a `describe` of the implementation's own test file. */
export function describeSecretSource(open: () => Promise<SecretSourceUnderTest>): void {
  test.each([
    ['a word', 'abc'],
    ['what shells and JSON mark', '  "quotes" \'and\' $HOME `date` \\n {{x}} \t '],
    ['lines', 'first\nsecond\r\n\nlast\n'],
    ['other alphabets', 'pässwörd 密码 🔑'],
    ['4096 characters', 'x'.repeat(4096)],
  ])('a value is found as it was set: %s', async (_what, value) => {
    const { source, store, set } = await open();
    await set('/contract/value', value);
    expect(await find(source, { store, name: '/contract/value' })).toBe(value);
  });

  test('the newest value counts, and names do not mix', async () => {
    const { source, store, set } = await open();
    await set('/contract/one', 'first');
    await set('/contract/one', 'second');
    await set('/contract/one-more', 'other');
    expect(await find(source, { store, name: '/contract/one' })).toBe('second');
    expect(await find(source, { store, name: '/contract/one-more' })).toBe('other');
    expect(await find(source, { store, name: '/contract/on' })).toBeNull();
  });

  test('a reference to a key is answered with the whole secret', async () => {
    const { source, store, set } = await open();
    await set('/contract/object', '{"a": 1}');
    expect(await find(source, { store, name: '/contract/object', jsonKey: 'a' })).toBe('{"a": 1}');
  });

  test.each(['/contract/none', '__proto__', 'constructor', '../../etc/passwd', 'a b\'"$(date)', 'ü'])(
    'there is no secret %j',
    async (name) => {
      const { source, store } = await open();
      expect(await find(source, { store, name })).toBeNull();
    },
  );

  test('who has stopped asking gets an answer or an AppError, and does not wait', async () => {
    const { source, store } = await open();
    const asked = source.find(reference({ store, name: '/contract/none' }), AbortSignal.abort());
    const ended = await asked.catch((error: unknown) => error);
    expect(ended === null || ended instanceof AppError).toBe(true);
  });
}

export function reference(
  part: Pick<SecretReference, 'store' | 'name'> & Partial<SecretReference>,
): SecretReference {
  return { jsonKey: null, version: null, versionStage: null, ...part };
}

function find(
  source: SecretSource,
  part: Pick<SecretReference, 'store' | 'name'> & Partial<SecretReference>,
): Promise<string | null> {
  return source.find(reference(part), new AbortController().signal);
}
