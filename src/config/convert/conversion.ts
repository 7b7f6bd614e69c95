/** What became of something that a `.gitlab-ci.yml` says in another way, or cannot say. */
export interface Remark {
  /** null: the pipeline as a whole. */
  readonly job: string | null;
  /** What it is about, as the keys of a job are called: `script`, `variables`, `volumes`. */
  readonly key: string;
  /** `changed`: carried over, but not quite the same. `dropped`: not carried over, a person has to act. */
  readonly kind: 'changed' | 'dropped';
  readonly text: string;
}

export interface Conversion {
  /** The `.gitlab-ci.yml`. */
  readonly text: string;
  readonly remarks: readonly Remark[];
}
