import type { ContextVariable } from '../../config/index.ts';
import type { GivenVariable } from '../../protocol/index.ts';

/** Variables given with an order, as a pipeline takes them; of one key the last counts. */
export function givenVariables(given: readonly GivenVariable[]): Readonly<Record<string, ContextVariable>> {
  return Object.fromEntries(
    given.map(({ key, value, variable_type: type }) => [
      key,
      { value, expand: true, masked: false, file: type === 'file' },
    ]),
  );
}
