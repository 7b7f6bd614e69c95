import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { describeSecretSource, reference } from './secret-source.contract.ts';
import { firstOf } from './secret-source.ts';
import { createSecretStore } from './secret-store.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-secrets-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("the project's secrets", () => {
  describeSecretSource(async () => {
    const store = createSecretStore(join(folder, 'secrets'));
    return { source: store, store: 'aws-secrets-manager', set: store.set };
  });
});

describe('one source after the other', () => {
  describeSecretSource(async () => {
    const [first, second] = [store('first'), store('second')];
    return { source: firstOf([first, second]), store: 'google-secret-manager', set: second.set };
  });

  test('the first that has it wins, and is the only one asked', async () => {
    const [first, second] = [store('first'), store('second')];
    await first.set('both', 'of the first');
    await second.set('both', 'of the second');
    await second.set('one', 'of the second');
    const asked: string[] = [];
    const source = firstOf([
      first,
      {
        ...second,
        find: (wanted, signal) => {
          asked.push(wanted.name);
          return second.find(wanted, signal);
        },
      },
    ]);
    const { signal } = new AbortController();
    expect(await source.find(reference({ store: 'aws-parameter-store', name: 'both' }), signal)).toBe(
      'of the first',
    );
    expect(await source.find(reference({ store: 'aws-parameter-store', name: 'one' }), signal)).toBe(
      'of the second',
    );
    expect(asked).toEqual(['one']);
  });
});

function store(name: string) {
  return createSecretStore(join(folder, name));
}
