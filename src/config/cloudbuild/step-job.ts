import type { BuildJob, Image, Variables } from '../../pipeline/index.ts';
import { type MappingNode, problemAt } from '../document/index.ts';
import { mapBuilder } from '../settings/map-builder.ts';
import { flagIn, integersIn, type PlacedText, secondsIn, textIn, textsIn } from './language/values.ts';
import { type BuildParts, PLAIN_JOB, WORKSPACE } from './parts.ts';
import { commandOf } from './step-command.ts';
import { HOME, OUTPUTS } from './volumes.ts';
import { needsOf } from './wait-for.ts';

export interface StepRequest {
  readonly step: MappingNode;
  readonly index: number;
  readonly name: string;
  /** The names of the steps before it. */
  readonly earlier: readonly string[];
  readonly options: MappingNode | null;
}

/** The job that a step is. */
export function stepJob(request: StepRequest, parts: BuildParts): BuildJob {
  const { step, index, name, earlier } = request;
  const { substitutions, problems } = parts;
  const image = textIn(step, 'name');
  const written = image === null ? '' : substitutions.expand(image);
  if (image !== null && written.trim() === '')
    problems.push(
      problemAt(image.node.span, {
        code: 'cloudbuild-wrong-value',
        message: `The image of ${name} is empty`,
      }),
    );
  const mapped = mapBuilder(written, parts.settings.builders);
  const program = mapped?.kind === 'command' ? mapped.program : null;
  const dir = textIn(step, 'dir');
  const exitCodes = integersIn(step, 'allowExitCodes');
  const secrets = parts.secrets.of(step, name);
  return {
    ...PLAIN_JOB,
    name,
    needs: needsOf(step, earlier, problems),
    image: program === null ? imageNamed(mapped?.kind === 'image' ? mapped.name : written) : null,
    variables: variablesOf(request, parts),
    allowFailure: exitCodes.length === 0 && flagIn(step, 'allowFailure') === true,
    allowFailureExitCodes: exitCodes,
    timeoutSeconds: timeoutOf(request, parts),
    command: commandOf(step, program, substitutions, problems),
    sharedWorkspace: { ...WORKSPACE, folder: (dir === null ? '' : substitutions.expand(dir)) || '.' },
    volumes: [HOME, { name: `builder-outputs-${index}`, path: OUTPUTS }, ...parts.volumes.of(step, name)],
    ...(Object.keys(secrets).length === 0 ? {} : { secretVariables: secrets }),
  };
}

export function imageNamed(name: string): Image {
  return { name, entrypoint: null, pullPolicy: [], platform: null, user: null };
}

/** By rising weight: what the service sets, mapped substitutions, those of `options`, those of the step. */
function variablesOf({ step, options }: StepRequest, parts: BuildParts): Variables {
  const variables = new Map<string, string>([
    ['HOME', HOME.path],
    ['BUILDER_OUTPUT', OUTPUTS],
  ]);
  if (mapsSubstitutions(step, options))
    for (const [name, value] of parts.substitutions.asVariables()) variables.set(name, value);
  for (const entry of [...textsIn(options, 'env'), ...textsIn(step, 'env')]) {
    const [name, value] = variableOf(entry, parts);
    if (name !== '') variables.set(name, value);
  }
  return Object.fromEntries([...variables].map(([name, value]) => [name, { value, expand: false }]));
}

/** Whether a step gets the substitutions as variables. */
export function mapsSubstitutions(step: MappingNode, options: MappingNode | null): boolean {
  return flagIn(step, 'automapSubstitutions') ?? flagIn(options, 'automapSubstitutions') ?? false;
}

function variableOf(entry: PlacedText, { substitutions, problems }: BuildParts): readonly [string, string] {
  const text = substitutions.expand(entry);
  const equals = text.indexOf('=');
  if (equals > 0) return [text.slice(0, equals), text.slice(equals + 1)];
  const place = problemAt(entry.node.span, {
    code: 'cloudbuild-env',
    message: `A variable should be written NAME=VALUE, and ${JSON.stringify(entry.text.slice(0, 60))} is not`,
  });
  // Variables of `options` are read for every step.
  if (
    !problems.some(
      ({ code, place: at }) =>
        code === place.code && at?.line === place.place?.line && at?.column === place.place?.column,
    )
  )
    problems.push(place);
  return ['', ''];
}

function timeoutOf({ step, name }: StepRequest, { timeoutSeconds, problems }: BuildParts): number {
  const seconds = secondsIn(step, 'timeout');
  const written = textIn(step, 'timeout');
  if (seconds === null || seconds === 0 || written === null) return timeoutSeconds;
  if (seconds > timeoutSeconds)
    problems.push(
      problemAt(written.node.span, {
        code: 'cloudbuild-timeout',
        message: `${name} may take ${seconds}s, but the whole build only ${timeoutSeconds}s`,
        hint: 'Raise the `timeout` at the root of the file, which is 3600s when it is not given.',
      }),
    );
  return Math.min(seconds, timeoutSeconds);
}
