import { describe, expect, it } from 'vitest';
import { graphOf } from './graph.ts';
import type { Plan } from './plan.ts';
import { job, plan } from './test-support/plan-builder.ts';

describe('a plan that breaks its own rules', () => {
  const twoStages = plan({ one: [job('a')], two: [job('b')] });
  const broken: readonly (readonly [string, Plan, RegExp])[] = [
    [
      'needs in a circle',
      plan({ one: [job('a', { needs: ['b'] }), job('b', { needs: ['a'] })] }),
      /needs itself/,
    ],
    ['a job that needs itself', plan({ one: [job('a', { needs: ['a'] })] }), /needs itself/],
    ['a need that does not exist', plan({ one: [job('a', { needs: ['gone'] })] }), /needs gone/],
    ['two jobs of one name', plan({ one: [job('a'), job('a')] }), /one name/],
    ['jobs out of order', { ...twoStages, stages: ['two', 'one'] }, /outside its stage/],
    ['an unknown stage', { ...twoStages, stages: ['one'] }, /outside its stage two/],
  ];

  it.each(broken)('is refused: %s', (_name, wrong, reason) => {
    expect(() => graphOf(wrong)).toThrow(reason);
  });
});
