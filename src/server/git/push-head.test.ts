import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { packet } from './pkt-line.ts';
import { createPushHeadReader } from './push-head.ts';

const [NONE, ONE, TWO] = ['0', '1', '2'].map((digit) => digit.repeat(40));

function push(...parts: readonly (string | null)[]): Buffer {
  return Buffer.concat(parts.map((part) => (part === null ? Buffer.from('0000') : packet(part))));
}

describe('the head of a push', () => {
  test('is its updates, capabilities and options, and nothing of the objects', () => {
    const bytes = push(
      `${NONE} ${ONE} refs/heads/ü\0 report-status push-options agent=x\n`,
      `${ONE} ${NONE} refs/tags/v1\n`,
      null,
      'ci.skip',
      null,
    );
    const result = createPushHeadReader().push(Buffer.concat([bytes, Buffer.from('PACK\0\0')]));
    expect(result).toEqual({
      kind: 'head',
      head: {
        updates: [
          { ref: 'refs/heads/ü', before: null, after: ONE },
          { ref: 'refs/tags/v1', before: ONE, after: null },
        ],
        capabilities: new Set(['report-status', 'push-options', 'agent=x']),
        options: ['ci.skip'],
      },
    });
  });

  test('is the same byte by byte', () => {
    const bytes = push(`${NONE} ${ONE} refs/heads/a\0report-status`, `shallow ${TWO}`, null);
    const reader = createPushHeadReader();
    const results = Array.from(bytes, (_, index) => reader.push(bytes.subarray(index, index + 1)).kind);
    expect(results.slice(0, -1).every((kind) => kind === 'more')).toBe(true);
    expect(results.at(-1)).toBe('head');
  });

  test('is empty in the question that git asks before a large push', () => {
    expect(createPushHeadReader().push(push(null))).toMatchObject({ kind: 'head', head: { updates: [] } });
  });

  test.each([
    ['a name with a line break', push(`${NONE} ${ONE} refs/heads/a\nb\0report-status`, null)],
    ['a name with a space', push(`${NONE} ${ONE} refs/heads/a b\0report-status`, null)],
    ['no hash', push(`--upload-pack=x ${ONE} refs/heads/a\0report-status`, null)],
    [
      'one ref twice',
      push(`${NONE} ${ONE} refs/heads/a\0report-status`, `${NONE} ${TWO} refs/heads/a`, null),
    ],
    ['a certificate', push('push-cert\0report-status', null)],
    [
      'a second list of capabilities',
      push(`${NONE} ${ONE} refs/heads/a\0report-status`, `${NONE} ${ONE} refs/heads/b\0x`),
    ],
    [
      'a name that is not UTF-8',
      Buffer.concat([
        packet(Buffer.from(`${NONE} ${ONE} refs/heads/\xff\0report-status`, 'latin1')),
        push(null),
      ]),
    ],
  ])('%s is refused', (_name, bytes) => {
    expect(createPushHeadReader().push(bytes)).toMatchObject({ kind: 'refused' });
  });

  test('is bounded', () => {
    const reader = createPushHeadReader({ bytes: 1_000, updates: 5, options: 1 });
    expect(reader.push(packet(Buffer.alloc(900, 97)).subarray(0, 500)).kind).toBe('more');
    expect(
      createPushHeadReader({ bytes: 10, updates: 5, options: 1 }).push(Buffer.from('00ffaaaaaaa')),
    ).toMatchObject({
      kind: 'refused',
    });
    const options = push(`${NONE} ${ONE} refs/heads/a\0report-status push-options`, null, 'a', 'b', null);
    expect(createPushHeadReader({ bytes: 1_000, updates: 5, options: 1 }).push(options)).toMatchObject({
      kind: 'refused',
    });
  });

  test('takes no bytes for more than they are', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 10 }), (payloads) => {
        const bytes = Buffer.concat([
          ...payloads.map((each) => packet(Buffer.from(each))),
          Buffer.from('0000'),
        ]);
        const result = createPushHeadReader().push(bytes);
        expect(['head', 'refused']).toContain(result.kind);
      }),
    );
  });
});
