import type { SecretReference } from '../../pipeline/index.ts';

/** Where the values of secrets come from: this machine's file, or a cloud that a person said may be asked. */
export interface SecretSource {
  /** For people: `the project's secrets`, `AWS`. */
  readonly name: string;
  /** The stores outside of this machine that it asks. */
  readonly stores: readonly SecretReference['store'][];
  /**
   * The whole secret, also where the reference asks for a key of it; null: it has none of this name, or keeps none for
   * that store. Asked when a job starts. It tells no value to anybody else, in a message or otherwise.
   *
   * @throws AppError when it cannot say, or `signal` was aborted meanwhile.
   */
  find(reference: SecretReference, signal: AbortSignal): Promise<string | null>;
}

/** Asks one source after the other, until one has it. */
export function firstOf(sources: readonly SecretSource[]): SecretSource {
  return {
    name: sources.map(({ name }) => name).join(' and '),
    stores: sources.flatMap(({ stores }) => stores),
    async find(reference, signal) {
      for (const source of sources) {
        const found = await source.find(reference, signal);
        if (found !== null) return found;
      }
      return null;
    },
  };
}
