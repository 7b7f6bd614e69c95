/**
 * The layers of ARCHITECTURE.md, as a rule. A folder imports only from folders before it in this list, and only
 * through that folder's index.ts; `base` is the exception: each of its files is a ground-floor piece of its own.
 */
const { layers: described, forbiddenPairs } = require('./tools/layers.cjs');

const layers = described.map(([name]) => name);

const upward = layers.slice(0, -1).map((layer, index) => ({
  name: `${layer}-imports-only-earlier-layers`,
  severity: 'error',
  from: { path: `^src/${layer}/` },
  to: { path: `^src/(${layers.slice(index + 1).join('|')})/` },
}));

const throughIndex = layers
  .filter((layer) => layer !== 'base')
  .map((layer) => ({
    name: `${layer}-only-through-its-index`,
    severity: 'error',
    from: { path: '^src/', pathNot: `^src/${layer}/` },
    to: { path: `^src/${layer}/`, pathNot: `^src/${layer}/(index\\.ts$|test-support/)` },
  }));

const pairs = forbiddenPairs.map(([from, to]) => ({
  name: `${from}-does-not-know-${to}`,
  severity: 'error',
  from: { path: `^src/${from}/` },
  to: { path: `^src/${to}/` },
}));

module.exports = {
  forbidden: [
    ...upward,
    ...throughIndex,
    ...pairs,
    {
      name: 'test-support-only-in-tests',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.test\\.ts$|/test-support/' },
      to: { path: '/test-support/' },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, path: '^src/', pathNot: '\\.test\\.ts$|^src/cli/main\\.ts$' },
      to: {},
    },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-dev-dependencies-in-src',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.test\\.ts$|/test-support/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.cjs', '.json'] },
  },
};
