import { fieldsSchema } from '../fields/fields-schema.ts';
import type { SchemaJson } from '../gitlab/json-schema/schema-json.ts';
import { BUILDSPEC } from './language/buildspec.ts';

/** The JSON Schema of buildspecs, made of the table that they are read with. */
export function codebuildSchema(): SchemaJson {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'A buildspec of AWS CodeBuild',
    ...fieldsSchema(BUILDSPEC, { texts: ['string', 'number', 'boolean'], snakeCase: false, anyCase: true }),
    // A build runs something, hands files on, or is many.
    anyOf: ['phases', 'artifacts', 'batch'].map((key) => ({ properties: { [key]: {} }, required: [key] })),
  };
}
