import { CONTRACT_WORLD, describeElsewhere } from '../../test-support/elsewhere-contract.ts';
import { describeSources } from '../../test-support/sources-contract.ts';
import { memorySources } from './memory-sources.ts';

describeSources('memorySources', async (files) => memorySources(files));

describeElsewhere('memorySources', async () => {
  const address = (path: string) => `https://files.example.com${path}`;
  const named = <T>(values: Readonly<Record<string, T>>, name: (key: string) => string) =>
    Object.fromEntries(Object.entries(values).map(([key, value]) => [name(key), value]));
  const { elsewhere } = memorySources(
    {},
    {},
    {
      projects: named(CONTRACT_WORLD.refs, (ref) => `${CONTRACT_WORLD.project}@${ref}`),
      remotes: named(CONTRACT_WORLD.remotes, address),
    },
  );
  return { elsewhere, address, host: 'gitlab.example.com', close: async () => undefined };
});
