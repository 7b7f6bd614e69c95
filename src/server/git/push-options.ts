/** What the pusher asks of the pipeline, with `git push -o`. */
export interface PushOptions {
  /** `ci.skip`: no pipeline. */
  readonly skip: boolean;
  /** `ci.variable=KEY=VALUE`, the last one of a key. */
  readonly variables: ReadonlyMap<string, string>;
  /** `ci.input=NAME=VALUE`: as written; what type it has, the pipeline file says. */
  readonly inputs: ReadonlyMap<string, string>;
}

export interface ReadPushOptions {
  readonly options: PushOptions;
  /** What makes the push one that its author did not mean: it is refused. */
  readonly errors: readonly string[];
  /** What is not known here and left out. */
  readonly warnings: readonly string[];
}

/**
 * Reads the options of a push (GitLab's documentation, "Push options"). One that should change the pipeline and cannot is
 * an error, since the pipeline would do something else than was asked for; an option of another service is a warning.
 */
export function readPushOptions(given: readonly string[]): ReadPushOptions {
  const variables = new Map<string, string>();
  const inputs = new Map<string, string>();
  const errors: string[] = [];
  const warnings: string[] = [];
  let skip = false;

  function assign(option: string, text: string, values: Map<string, string>, key: RegExp): void {
    const end = text.indexOf('=');
    const name = end === -1 ? text : text.slice(0, end);
    if (end === -1)
      errors.push(`${shown(option)} needs a value: ${NAMES[values === inputs ? 'input' : 'variable']}`);
    else if (!key.test(name)) errors.push(`${shown(option)}: ${shown(name)} is no name that it can have`);
    else values.set(name, unquoted(text.slice(end + 1)));
  }

  for (const option of given) {
    const [, word = '', value] = /^([^=]*)(?:=(.*))?$/s.exec(option) ?? [];
    if (word === 'ci.skip') {
      if (value === undefined || value === 'true') skip = true;
      else if (value !== 'false') errors.push('ci.skip takes no value');
    } else if (word === 'ci.variable') assign(word, unquoted(value ?? ''), variables, VARIABLE);
    else if (word === 'ci.input') assign(word, unquoted(value ?? ''), inputs, INPUT);
    else if (word.startsWith('ci.')) errors.push(`${shown(word)} is not known; there are ${KNOWN}`);
    else warnings.push(`the push option ${shown(word)} is not known and has no effect`);
  }
  return { options: { skip, variables, inputs }, errors, warnings };
}

const NAMES = { variable: 'ci.variable=KEY=VALUE', input: 'ci.input=NAME=VALUE' } as const;
const KNOWN = `ci.skip, ${NAMES.variable} and ${NAMES.input}`;
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]{0,254}$/;
const INPUT = /^[A-Za-z0-9_-]{1,255}$/;

/** `"a b"`: people quote for a shell that was not there. */
function unquoted(text: string): string {
  return /^"(.*)"$/s.exec(text)?.[1] ?? text;
}

function shown(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
