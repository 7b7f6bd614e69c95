import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  circularVariables,
  expandVariableSet,
  expandVariables,
  type SetVariable,
} from './expand-variables.ts';

describe('expandVariables', () => {
  test.each<[string, string, string]>([
    ['$A ${A} %A%', 'a a a', 'a a a'],
    ['<$UNSET ${UNSET} %UNSET%>', '<  >', '<$UNSET ${UNSET} %UNSET%>'],
    ['$$A', '$a', '$a'],
    ['${}', '', '${}'],
  ])('%s', (text, empty, keep) => {
    const lookup = (name: string) => (name === 'A' ? 'a' : null);
    expect(expandVariables(text, lookup, 'empty')).toBe(empty);
    expect(expandVariables(text, lookup, 'keep')).toBe(keep);
  });

  test('a value is not read as a pattern of replacement', () => {
    expect(expandVariables('$A', () => '$& $1 $$', 'keep')).toBe('$& $1 $$');
  });
});

describe('expandVariableSet', () => {
  function expand(variables: readonly SetVariable[], unknown: 'keep' | 'empty' = 'keep') {
    return Object.fromEntries(expandVariableSet(variables, unknown));
  }

  test('follows references in whatever order they are written', () => {
    expect(expand([v('A', '$B-a'), v('B', '${C}-b'), v('C', 'c')])).toEqual({ A: 'c-b-a', B: 'c-b', C: 'c' });
  });

  test('keeps $$ and %%', () => {
    expect(expand([v('A', 'a'), v('X', '$$A %%A%% %A%')])).toMatchObject({ X: '$$A %%A%% a' });
  });

  test('keeps or drops what is unknown', () => {
    expect(expand([v('X', '<$NO>')])).toEqual({ X: '<$NO>' });
    expect(expand([v('X', '<$NO>')], 'empty')).toEqual({ X: '<>' });
  });

  test('leaves a raw value alone but uses it', () => {
    expect(expand([v('R', '$A', false), v('A', 'a'), v('X', '$R')])).toEqual({ R: '$A', A: 'a', X: '$A' });
  });

  test('the highest precedence wins, and a variable may extend its own lower value', () => {
    expect(expand([v('FLAGS', '-a'), v('FLAGS', '$FLAGS -b'), v('X', '$FLAGS')])).toEqual({
      FLAGS: '-a -b',
      X: '-a -b',
    });
  });

  test('a chain of ten thousand does not overflow the stack', () => {
    const chain = Array.from({ length: 10_000 }, (_, i) => v(`V${i}`, `$V${i + 1}`));
    expect(expandVariableSet([...chain, v('V10000', 'end')], 'keep').get('V0')).toBe('end');
  });

  test('is the same as expanding by hand, over and over, when there is no circle', () => {
    const names = ['A', 'B', 'C', 'D', 'E'];
    const acyclic = fc.array(fc.nat(30), { minLength: 5, maxLength: 5 }).map((picks) =>
      names.map((key, i) =>
        v(
          key,
          `<${names
            .slice(i + 1)
            .filter((_, j) => (picks[i] ?? 0) & (1 << j))
            .map((n) => `$${n}`)
            .join('')}>`,
        ),
      ),
    );
    fc.assert(
      fc.property(acyclic, (variables) => {
        const byName = new Map(variables.map((variable) => [variable.key, variable.value]));
        let text = '$A';
        for (let round = 0; round < 6; round += 1)
          text = expandVariables(text, (n) => byName.get(n) ?? null, 'keep');
        expect(expandVariableSet(variables, 'keep').get('A')).toBe(text);
      }),
    );
  });
});

describe('circularVariables', () => {
  test.each<[string, readonly SetVariable[], readonly (readonly string[])[]]>([
    ['two that name each other', [v('A', '$B'), v('B', '$A')], [['A', 'B']]],
    ['itself is no circle', [v('A', '$A')], []],
    ['raw breaks the circle', [v('A', '$B', false), v('B', '$A')], []],
    ['an escape breaks the circle', [v('A', '$$B'), v('B', '$A')], []],
    ['none', [v('A', '$B'), v('B', 'b')], []],
  ])('%s', (_, variables, circles) => {
    expect(circularVariables(variables)).toEqual(circles);
  });
});

function v(key: string, value: string, expand = true): SetVariable {
  return { key, value, expand };
}

test('refuses a set that grows without bounds', () => {
  const bomb = Array.from({ length: 12 }, (_, level) => ({
    key: `V${level}`,
    value: level === 0 ? 'xxxxxxxxxx' : `$V${level - 1}`.repeat(10),
    expand: true,
  }));
  expect(() => expandVariableSet(bomb, 'empty')).toThrow(/too large .* at V6/);
});
