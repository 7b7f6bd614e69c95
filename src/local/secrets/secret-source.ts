import type { SecretReference } from '../../pipeline/index.ts';

/**
 * Where the values of secrets come from. It is asked when a job starts, once for each of its secret variables, and
 * answers with the whole secret; null: it has none of this name. It never tells a value to anybody else.
 */
export interface SecretSource {
  /** @throws AppError when it cannot say. */
  find(reference: SecretReference): Promise<string | null>;
}
