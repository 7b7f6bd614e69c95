import { word } from '../../fields/field.ts';

export const YES_OR_NO = word('yes', 'no');

/** The code of the warning about keys that nothing is done with. */
export const NOT_ACTED_ON = 'buildspec-not-acted-on';
