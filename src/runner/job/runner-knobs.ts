/** A variable with which GitLab's runner is told how to work, and on which a local run does not act. */
export interface RunnerKnob {
  /** The variable's name; with a final `*` all names that begin so and have no entry of their own. */
  readonly name: string;
  /** What happens here instead: a sentence, as the log and docs/reference/local-run.md have it. */
  readonly instead: string;
  /** The values with which a job is the same as if it were honoured, and nothing is said; `all`: every value. */
  readonly harmless: 'all' | readonly string[];
}

const OFF = ['', 'false', '0'];

export const RUNNER_KNOBS: readonly RunnerKnob[] = [
  knob('GIT_CHECKOUT', 'The commit is always checked out.', ['', 'true']),
  knob('GIT_CLEAN_FLAGS', 'Every job has a fresh working copy, in which there is nothing to clean.', 'all'),
  knob(
    'GIT_CLONE_EXTRA_FLAGS',
    'Nothing is cloned; the working copy has all that your repository has.',
    'all',
  ),
  knob('GIT_CLONE_PATH', 'The working copy is where CI_PROJECT_DIR says.', ['']),
  knob('GIT_DEPTH', 'The working copy has the history that your repository has.', 'all'),
  knob(
    'GIT_FETCH_EXTRA_FLAGS',
    'Nothing is fetched; the working copy has all that your repository has.',
    'all',
  ),
  knob('GIT_LFS_SKIP_SMUDGE', 'Large files are as they are in your repository.', OFF),
  knob('GIT_SUBMODULE_STRATEGY', 'Submodules are empty folders.', ['', 'none']),
  knob('GIT_SUBMODULE_*', 'Submodules are empty folders, whatever is said about how to fetch them.', 'all'),
  knob('GET_SOURCES_ATTEMPTS', 'Nothing is fetched that would be tried again.', 'all'),
  knob('ARTIFACT_DOWNLOAD_ATTEMPTS', 'Artifacts are on this machine.', 'all'),
  knob('RESTORE_CACHE_ATTEMPTS', 'Caches are on this machine.', 'all'),
  knob('CACHE_REQUEST_TIMEOUT', 'Caches are on this machine.', 'all'),
  knob(
    'EXECUTOR_JOB_SECTION_ATTEMPTS',
    'A job whose environment is lost fails; `retry` starts it again.',
    'all',
  ),
  knob('ARTIFACT_COMPRESSION_LEVEL', 'Archives are made one way; what is in them is the same.', 'all'),
  knob('CACHE_COMPRESSION_LEVEL', 'Archives are made one way; what is in them is the same.', 'all'),
  knob('CACHE_COMPRESSION_FORMAT', 'Archives are made one way; what is in them is the same.', 'all'),
  knob('TRANSFER_METER_FREQUENCY', 'Nothing is transferred, so no progress is shown.', 'all'),
  knob('RUNNER_GENERATE_ARTIFACTS_METADATA', 'No statement about how artifacts were made is written.', OFF),
  knob('FF_NETWORK_PER_BUILD', 'A job with services has a network of its own anyway.', 'all'),
  knob('FF_USE_FASTZIP', 'Archives are made one way; what is in them is the same.', 'all'),
  knob('FF_TIMESTAMPS', 'The lines of the log have no times.', OFF),
  knob('FF_SCRIPT_SECTIONS', 'The lines of a script are not folded into sections.', OFF),
  knob('FF_*', "Feature flags of GitLab's runner change nothing.", OFF),
  knob('KUBERNETES_*', "Jobs run in containers of a local engine, or in this machine's shell.", ['']),
];

function knob(name: string, instead: string, harmless: RunnerKnob['harmless']): RunnerKnob {
  return { name, instead, harmless };
}

/** A warning for each knob that a job turns and that would make a difference; names of one pattern share theirs. */
export function unhonouredKnobs(
  variables: ReadonlyMap<string, string>,
  honoured: ReadonlySet<string> = NONE,
): readonly string[] {
  const turned = new Map<RunnerKnob, string[]>();
  for (const [name, value] of variables) {
    if (honoured.has(name)) continue;
    const found = knobOf(name);
    if (found === null || found.harmless === 'all' || found.harmless.includes(value.toLowerCase())) continue;
    turned.set(found, [...(turned.get(found) ?? []), `${name}=${value}`]);
  }
  return [...turned].map(
    ([{ instead }, settings]) =>
      `${settings.join(', ')} ${settings.length === 1 ? 'is' : 'are'} not honoured. ${instead}`,
  );
}

const NONE: ReadonlySet<string> = new Set();

function knobOf(name: string): RunnerKnob | null {
  const exact = BY_NAME.get(name);
  if (exact !== undefined) return exact;
  return PREFIXES.find((prefix) => name.startsWith(prefix.name.slice(0, -1))) ?? null;
}

const BY_NAME: ReadonlyMap<string, RunnerKnob> = new Map(RUNNER_KNOBS.map((each) => [each.name, each]));
const PREFIXES: readonly RunnerKnob[] = RUNNER_KNOBS.filter(({ name }) => name.endsWith('*'));
