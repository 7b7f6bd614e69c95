import { compileRegex, parseRegexLiteral } from '../../../base/regex.ts';
import type { Environment, JobWhen, Json, Trigger, Variable } from '../../../pipeline/index.ts';
import type { ParsedNeed, ParsedParallel, ParsedPolicy, ParsedRule } from '../parsed.ts';
import { CARRIED, carried } from './carried.ts';
import { attribute, byKind, child, type Field, into, listOf, record } from './collections.ts';
import { type DefaultKeys, defaultFields } from './defaults.ts';
import { complain, type Entry } from './entry.ts';
import { environment } from './environment.ts';
import { type Inherit, inherit } from './inherit.ts';
import { dependencies, needs } from './needs.ts';
import { bridgeParallel, parallel } from './parallel.ts';
import { policy } from './policy.ts';
import { type AllowFailure, allowFailure, jobRules, WEEK } from './rules.ts';
import { boolean, duration, text, word } from './scalars.ts';
import { script } from './script.ts';
import { trigger } from './trigger.ts';
import { jobVariables } from './variables.ts';

/** What every job may say, whether a runner executes it or it starts another pipeline. */
export interface SharedKeys {
  stage: string;
  when: JobWhen;
  start_in: number;
  allow_failure: AllowFailure;
  rules: readonly ParsedRule[];
  only: ParsedPolicy;
  except: ParsedPolicy;
  needs: readonly ParsedNeed[];
  variables: ReadonlyMap<string, Variable>;
  inherit: Inherit;
  environment: Environment;
  resource_group: string;
  parallel: ParsedParallel;
  interruptible: boolean;
  extends: readonly string[];
  manual_confirmation: string;
}

export interface BuildKeys extends SharedKeys, Omit<DefaultKeys, 'interruptible'> {
  script: readonly string[];
  dependencies: readonly string[];
  coverage: string;
  dast_configuration: Json;
  inputs: Json;
  pages: Json;
  publish: Json;
  release: Json;
  run: Json;
  secrets: Json;
}

export interface BridgeKeys extends SharedKeys {
  trigger: Trigger;
}

const WHEN = ['on_success', 'on_failure', 'always', 'manual', 'delayed'] as const;

const sharedFields: { readonly [K in keyof SharedKeys]: Field<SharedKeys[K]> } = {
  stage: child(text({ blank: false })),
  when: attribute(word<JobWhen>(WHEN)),
  start_in: attribute(duration(WEEK, { numbers: true })),
  allow_failure: child(allowFailure),
  rules: child(jobRules),
  only: child(policy),
  except: child(policy),
  needs: child(needs),
  variables: child(jobVariables),
  inherit: child(inherit),
  environment: child(environment),
  resource_group: attribute(text({ maxLength: 255, blank: false })),
  parallel: child(parallel),
  interruptible: child(boolean),
  extends: child(names()),
  manual_confirmation: attribute(text()),
};

export const buildRecord = record<BuildKeys>({
  ...sharedFields,
  ...defaultFields,
  script: child(script),
  dependencies: attribute(dependencies),
  coverage: child(coverage()),
  dast_configuration: child(carried('dast_configuration')),
  inputs: child(carried('inputs')),
  pages: child(carried('pages')),
  publish: child(carried('publish')),
  release: child(carried('release')),
  run: child(carried('run')),
  secrets: child(carried('secrets')),
});

export const bridgeRecord = record<BridgeKeys>({
  ...sharedFields,
  when: attribute(word<JobWhen>(WHEN.filter((when) => when !== 'delayed'))),
  parallel: child(bridgeParallel),
  trigger: child(trigger),
});

/** The keywords of a build job that go into the plan as they are. */
export function carriedValues(values: Readonly<Partial<BuildKeys>>): Readonly<Record<string, Json>> {
  const found: Record<string, Json> = {};
  for (const name of CARRIED) {
    const value = values[name];
    if (value !== undefined) found[name] = value;
  }
  return found;
}

function names(): Entry<readonly string[]> {
  const message = 'should be an array of strings or a string';
  const name = text({ message });
  return byKind({ scalar: into(name, (one) => [one]), sequence: listOf(name) }, message);
}

/** `/pattern/`, RE2; kept without the slashes, its flags in front as `(?i)`. */
function coverage(): Entry<string> {
  const message = 'must be a regular expression with re2 syntax';
  return into(text({ message }), (value, at, node) => {
    const literal = parseRegexLiteral(value);
    if (literal === null) return complain(at, node.span, message, { hint: 'Write it between slashes.' });
    const compiled = compileRegex(literal.pattern, literal.flags);
    if (!compiled.ok) return complain(at, node.span, message, { hint: compiled.message });
    return compiled.regex.source;
  });
}
