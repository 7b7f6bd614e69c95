/** What a person is told about one keyword of the language: hover texts, the JSON Schema and the reference are made of it. */
export interface Keyword {
  /** One or two sentences, with keywords between backticks. */
  readonly text: string;
  /** A use as it would be written, from the keyword of the job or of the root on. A test reads it as a pipeline. */
  readonly example?: string;
  /** Not given: as the keyword it stands below, and honoured at the top. */
  readonly treatment?: Treatment;
}

/**
 * What a local run does with a keyword.
 * - `honoured`: what GitLab does, with a remark where that is done in its own way.
 * - `no-difference`: accepted; one machine has nothing to act on, and a job does the same without it.
 * - `not-acted-on`: accepted and kept in the plan, but something would happen in GitLab that does not happen here.
 *   Reading the file warns; where a check of its own does that, `problem` is the code of its warning.
 */
export type Treatment =
  | { readonly kind: 'honoured'; readonly remark?: string }
  | { readonly kind: 'not-acted-on'; readonly why: string; readonly problem?: string }
  | { readonly kind: 'no-difference'; readonly why: string };

/**
 * By path: `stages`, `job:artifacts:reports:junit`. `job` stands for any job, `NAME` for a key that a person chooses
 * (`spec:inputs:NAME:type`); items of lists have no part in a path.
 */
export type Keywords = Readonly<Record<string, Keyword>>;

export function honoured(remark: string): Treatment {
  return { kind: 'honoured', remark };
}

export function noDifference(why: string): Treatment {
  return { kind: 'no-difference', why };
}

export function notActedOn(why: string, problem?: string): Treatment {
  return problem === undefined ? { kind: 'not-acted-on', why } : { kind: 'not-acted-on', why, problem };
}
