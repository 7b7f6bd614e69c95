import type { JobAccess, JobSpec, JobVariable } from '../../protocol/index.ts';
import { credentialConfig } from './sources/repository-address.ts';

/** What a runner adds to a job's variables because it knows it better than the server. */
export interface RunnerFacts {
  readonly version: string;
  /** This machine's name. */
  readonly machine: string;
  readonly systemId: string;
  readonly token: string;
  /** Certificates (PEM) that are trusted besides those of the system; null: none. */
  readonly certificates: string | null;
}

/** The job's own among those that run at once: of the runner, and of its project. */
export interface JobPlace {
  readonly number: number;
  readonly numberInProject: number;
}

/**
 * A job with the variables of its runner (docs/ci/variables/predefined_variables), lowest of all; and with its token
 * masked, whatever the server says of the variable that holds it.
 */
export function withRemoteVariables(
  spec: JobSpec,
  { token, repository }: JobAccess,
  facts: RunnerFacts,
  place: JobPlace,
): JobSpec {
  const variables = spec.variables.map((variable) =>
    variable.value === token ? { ...variable, masked: true } : variable,
  );
  const keys = new Set(variables.map(({ key }) => key));
  const needsHelp = keys.has('CI_JOB_TOKEN') && !keys.has('GIT_CONFIG_COUNT');
  const own = [...aboutRunner(facts, place), ...(needsHelp ? gitVariables(repository.url) : [])];
  return { ...spec, variables: [...own, ...variables] };
}

function aboutRunner(
  { version, token, certificates }: RunnerFacts,
  { number, numberInProject }: JobPlace,
): readonly JobVariable[] {
  return [
    plain('CI_CONCURRENT_ID', String(number)),
    plain('CI_CONCURRENT_PROJECT_ID', String(numberInProject)),
    plain('CI_RUNNER_VERSION', version),
    // As much of it as identifies a runner, and lets nobody in.
    plain('CI_RUNNER_SHORT_TOKEN', token.replace(/^glrtr?-/, '').slice(0, 8)),
    ...(certificates === null ? [] : [{ ...plain('CI_SERVER_TLS_CA_FILE', certificates), file: true }]),
  ];
}

/**
 * What git in the job's scripts needs to fetch more from the project, by variables that only they see: in the working
 * copy's own configuration the token would be found later (git-config(1), GIT_CONFIG_COUNT).
 */
function gitVariables(url: string): readonly JobVariable[] {
  const origin = URL.parse(url)?.origin ?? 'null';
  if (origin === 'null') return [];
  const settings = credentialConfig(origin, 'gitlab-ci-token', 'CI_JOB_TOKEN');
  return [
    plain('GIT_CONFIG_COUNT', String(settings.length)),
    ...settings.flatMap(([name, value], index) => [
      plain(`GIT_CONFIG_KEY_${index}`, name),
      plain(`GIT_CONFIG_VALUE_${index}`, value),
    ]),
  ];
}

function plain(key: string, value: string): JobVariable {
  return { key, value, file: false, masked: false, raw: true };
}
