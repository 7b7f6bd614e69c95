import { attribute, byKind, into, listOf, mapOf, record } from './collections.ts';
import { attributeOf, complain, type Entry } from './entry.ts';
import { text } from './scalars.ts';

const MESSAGE = 'should be an array of strings or a string';

/** One text or a list of texts. */
export const textOrTexts: Entry<readonly string[]> = byKind(
  {
    scalar: into(text({ message: MESSAGE }), (one) => [one]),
    sequence: listOf(text({ message: MESSAGE })),
  },
  MESSAGE,
);

/** `id_tokens`: for each variable, whom its token is for. */
export const idTokens = mapOf(
  into(
    record<{ aud: readonly string[] }>({ aud: attribute(textOrTexts) }, { requiredKeys: ['aud'] }),
    ({ values, spanOf }, at) => values.aud ?? complain(attributeOf(at, 'aud'), spanOf('aud'), MESSAGE),
  ),
  'should be a hash',
);
