import { type Static, Type } from 'typebox';
import { ProjectRef } from './fields.ts';
import { JobParams } from './jobs.ts';

const Path = Type.String({ minLength: 1, maxLength: 4096, description: 'The path of a file in the archive' });

export const ArtifactFileParams = Type.Object({ ...JobParams.properties, '*': Path });

const refKeys = {
  id: ProjectRef,
  ref: Type.String({ minLength: 1, maxLength: 255, description: 'A branch or tag, URL-encoded' }),
} as const;

export const RefArtifactsParams = Type.Object(refKeys);
export const RefArtifactFileParams = Type.Object({ ...refKeys, '*': Path });
export const RefArtifactsQuery = Type.Object({ job: Type.String({ minLength: 1, maxLength: 255 }) });
export type RefArtifactsQuery = Static<typeof RefArtifactsQuery>;
