import { type Static, Type } from 'typebox';

export const RestVersion = Type.Object({ version: Type.String(), revision: Type.String() });
export type RestVersion = Static<typeof RestVersion>;
