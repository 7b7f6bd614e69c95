import { fieldsSchema } from '../fields/fields-schema.ts';
import type { SchemaJson } from '../gitlab/json-schema/schema-json.ts';
import { BUILD } from './language/build.ts';

/**
 * The JSON Schema of build files, made of the table that they are read with. Fields are offered in camel case; in snake
 * case they are taken too, by a pattern.
 */
export function cloudbuildSchema(): SchemaJson {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'A build file of Google Cloud Build',
    ...fieldsSchema(BUILD, { texts: ['string'], snakeCase: true, anyCase: false }),
  };
}
