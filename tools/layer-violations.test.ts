import { describe, expect, it } from 'vitest';
import { layerViolations } from './layer-violations.ts';

function violations(files: Readonly<Record<string, string>>): readonly string[] {
  return layerViolations(new Map(Object.entries(files)), new Set(['commander', '@scope/one']));
}

const index = { 'src/cli/main.ts': "import { a } from '../pipeline/index.ts';", 'src/pipeline/index.ts': '' };

describe('the layer rule', () => {
  it('lets a layer import a lower one through its index, and base directly', () => {
    expect(
      violations({
        ...index,
        'src/base/clock.ts': '',
        'src/cli/main.ts':
          "import { a } from '../pipeline/index.ts';\nimport { now } from '../base/clock.ts';\n" +
          "import { join } from 'node:path';\nimport { Command } from 'commander';\nimport x from '@scope/one/sub';\n",
      }),
    ).toEqual([]);
  });

  it.each([
    ['a higher layer', "import { x } from '../cli/main.ts';", 'pipeline may not know cli'],
    ['a higher layer for a type', "import type { x } from '../cli/main.ts';", 'pipeline may not know cli'],
    [
      'a higher layer, over several lines',
      "import {\n  x,\n  y,\n} from '../cli/main.ts';",
      'pipeline may not know cli',
    ],
    ['a higher layer, again exported', "export * from '../cli/main.ts';", 'pipeline may not know cli'],
    ['a higher layer, later', "const x = await import('../cli/main.ts');", 'pipeline may not know cli'],
    ['a package of the tests', "import fc from 'fast-check';", 'not among the dependencies'],
  ])('finds %s', (_name, text, message) => {
    const found = violations({
      ...index,
      'src/cli/main.ts': "import '../pipeline/index.ts';",
      'src/pipeline/index.ts': text,
    });
    expect(found[0]).toContain(message);
  });

  it('finds an import past an index, and of a neighbour that must not be known', () => {
    expect(
      violations({
        'src/config/index.ts': "export * from './a.ts';",
        'src/config/a.ts': "import { x } from '../pipeline/plan.ts';",
        'src/pipeline/plan.ts': '',
        'src/runner/index.ts': "import type { C } from '../config/index.ts';",
        'src/cli/main.ts': "import '../runner/index.ts';\nimport '../config/index.ts';",
      }),
    ).toEqual([
      'src/config/a.ts imports src/pipeline/plan.ts and not src/pipeline/index.ts',
      'src/runner/index.ts imports src/config/index.ts: runner may not know config',
    ]);
  });

  it('finds files that only tests import', () => {
    const files = {
      ...index,
      'src/pipeline/old.ts': '',
      'src/pipeline/old.test.ts': "import { x } from './old.ts';",
    };
    expect(violations(files)).toEqual(['src/pipeline/old.ts is imported by nobody']);
  });

  it('finds circles, but not of types', () => {
    const files = {
      ...index,
      'src/pipeline/index.ts': "export * from './a.ts';",
      'src/pipeline/a.ts': "import { b } from './b.ts';",
    };
    expect(violations({ ...files, 'src/pipeline/b.ts': "import { a } from './a.ts';" })).toEqual([
      'a circle: src/pipeline/a.ts → src/pipeline/b.ts → src/pipeline/a.ts',
    ]);
    expect(violations({ ...files, 'src/pipeline/b.ts': "import type { a } from './a.ts';" })).toEqual([]);
  });
});
