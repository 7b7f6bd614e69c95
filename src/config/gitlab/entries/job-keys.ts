import { compileRegex, parseRegexLiteral } from '../../../base/regex.ts';
import type { Environment, JobWhen, Json, Trigger, Variable } from '../../../pipeline/index.ts';
import type { Node } from '../../document/index.ts';
import type { ParsedNeed, ParsedParallel, ParsedPolicy, ParsedRule } from '../parsed.ts';
import { CARRIED, carried } from './carried.ts';
import { attribute, checkedChild, child, type Field, into, record } from './collections.ts';
import { type DefaultKeys, defaultFields } from './defaults.ts';
import { complain, type Entry } from './entry.ts';
import { environment } from './environment.ts';
import { textOrTexts } from './id-tokens.ts';
import { type Inherit, inherit } from './inherit.ts';
import { jobInputs } from './job-inputs.ts';
import { dependencies, needs } from './needs.ts';
import { pages } from './pages.ts';
import { bridgeParallel, parallel } from './parallel.ts';
import { policy } from './policy.ts';
import { release } from './release.ts';
import { type AllowFailure, allowFailure, jobRules, WEEK } from './rules.ts';
import { runSteps } from './run-steps.ts';
import { boolean, duration, text, word } from './scalars.ts';
import { script } from './script.ts';
import { secrets } from './secrets.ts';
import { trigger } from './trigger.ts';
import { jobVariables } from './variables.ts';

/** What every job may say, whether a runner executes it or it starts another pipeline. */
export interface SharedKeys {
  stage: string;
  when: JobWhen;
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
}

export interface BuildKeys extends SharedKeys, Omit<DefaultKeys, 'interruptible'> {
  start_in: Node;
  manual_confirmation: string;
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

/** Whether it must be there, and as what, depends on `when`; the job reads it further. */
const startIn: Entry<Node> = {
  shape: duration(WEEK).shape,
  read: (node) => node,
};

const sharedFields: { readonly [K in keyof SharedKeys]: Field<SharedKeys[K]> } = {
  stage: child(text()),
  when: attribute(word<JobWhen>(WHEN)),
  allow_failure: checkedChild(
    allowFailure,
    (node) => node.kind === 'mapping' || (node.kind === 'scalar' && typeof node.value === 'boolean'),
    'should be a hash or a boolean value',
  ),
  rules: child(jobRules),
  only: child(policy),
  except: child(policy),
  needs: child(needs),
  variables: child(jobVariables),
  inherit: child(inherit(Object.keys(defaultFields))),
  environment: child(environment),
  resource_group: attribute(text()),
  parallel: child(parallel),
  interruptible: child(boolean),
  extends: attribute(textOrTexts),
};

export const buildRecord = record<BuildKeys>(
  {
    ...sharedFields,
    ...defaultFields,
    start_in: attribute(startIn),
    manual_confirmation: attribute(text()),
    script: child(script),
    dependencies: attribute(dependencies),
    coverage: child(coverage()),
    dast_configuration: child(carried(dastConfiguration())),
    inputs: child(jobInputs),
    pages: child(carried(pages)),
    publish: child(carried(text())),
    release: child(carried(release)),
    run: attribute(runSteps),
    secrets: child(carried(secrets)),
  },
  {
    exclusive: [
      ['script', 'run'],
      ['before_script', 'run'],
      ['after_script', 'run'],
    ],
  },
);

export const bridgeRecord = record<BridgeKeys>({
  ...sharedFields,
  when: attribute(word<JobWhen>(WHEN.filter((when) => when !== 'delayed'))),
  allow_failure: attribute(into(boolean, (allowed) => ({ allowed, exitCodes: [] }))),
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

function dastConfiguration() {
  return record<{ site_profile: string; scanner_profile: string }>({
    site_profile: attribute(text()),
    scanner_profile: attribute(text()),
  });
}
