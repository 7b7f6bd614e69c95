import type { Sources } from '../config/index.ts';
import type { ChildInclude, Json } from '../pipeline/index.ts';
import { type BridgeVariables, expandForBridge } from './bridge-variables.ts';
import { type Refusal, refused } from './refusal.ts';

/** What a child pipeline is read from. */
export interface ChildFiles {
  readonly kind: 'files';
  /** The files of its parent, with those that a job has made or that were made up here. */
  readonly sourcesIn: (parent: Sources) => Sources;
  readonly file: string;
  readonly inputs: Readonly<Record<string, Json>>;
}

/** Where a bridge finds the files of its child. */
export interface ChildPlaces {
  /** Of its own pipeline. */
  readonly files: Pick<Sources, 'readFile'>;
  readonly variables: BridgeVariables;
  /** A file that a job of the pipeline has kept, as text; null: there is none. */
  readonly artifactText: (job: string, path: string) => Promise<string | null>;
}

/**
 * The file the child is read from. One local file is read as it is, so that its problems name it; several, one of
 * another place, or one that a job made, are read through a file made up here that includes them.
 */
export async function childFiles(
  includes: readonly ChildInclude[],
  { files, variables, artifactText }: ChildPlaces,
): Promise<ChildFiles | Refusal> {
  const own = plainFile(includes);
  if (own !== null) {
    const found = await files.readFile(own.file);
    if (found.kind !== 'absent') return { ...own, kind: 'files', sourcesIn: (parent) => parent };
    return refused(CREATION_FAILED, `Local file \`${own.path}\` does not exist!`);
  }
  const made = new Map<string, string>();
  const entries: Json[] = [];
  for (const include of includes) {
    if (include.kind !== 'artifact') {
      entries.push(includeEntry(include));
      continue;
    }
    const job = expandForBridge(include.job, variables);
    const artifact = expandForBridge(include.path, variables).replace(/^\/+/, '');
    const text = await artifactText(job, artifact);
    if (text === null) {
      return refused(CREATION_FAILED, `Not run: job '${job}' kept no artifact '${artifact}'.`);
    }
    const path = `artifacts of ${job}/${artifact}`;
    made.set(path, text);
    if (includes.length === 1 && !include.further) {
      return { kind: 'files', sourcesIn: withFiles(made), file: path, inputs: include.inputs };
    }
    entries.push({ local: path, inputs: include.inputs, ...include.further });
  }
  return throughMadeUp(made, entries);
}

/** The same without a run: null when a job has to make one of the files first. */
export function plannedChildFiles(includes: readonly ChildInclude[]): ChildFiles | null {
  const own = plainFile(includes);
  if (own !== null) return { ...own, kind: 'files', sourcesIn: (parent) => parent };
  const entries = includes.flatMap((include) => (include.kind === 'artifact' ? [] : includeEntry(include)));
  return entries.length < includes.length ? null : throughMadeUp(new Map(), entries);
}

const CREATION_FAILED = 'downstream_pipeline_creation_failed';

/** A file that nobody can open: problems in it are the trigger's. */
export const MADE_UP = 'trigger.yml of a trigger with several files';

/** The one local file without more to it that the child is; null: it is something else. */
function plainFile(
  includes: readonly ChildInclude[],
): (Pick<ChildFiles, 'file' | 'inputs'> & { readonly path: string }) | null {
  const [only] = includes;
  if (includes.length !== 1 || only?.kind !== 'local' || /[*$]/.test(only.path) || only.further) return null;
  return { file: only.path.replace(/^\/+/, ''), path: only.path, inputs: only.inputs };
}

function throughMadeUp(made: ReadonlyMap<string, string>, entries: readonly Json[]): ChildFiles {
  const files = new Map([...made, [MADE_UP, JSON.stringify({ include: entries })]]);
  return { kind: 'files', sourcesIn: withFiles(files), file: MADE_UP, inputs: {} };
}

/** As the `include` of a pipeline file would have it. */
function includeEntry(include: Exclude<ChildInclude, { readonly kind: 'artifact' }>): Json {
  const { inputs } = include;
  switch (include.kind) {
    case 'local':
      return { local: include.path, inputs, ...include.further };
    case 'project':
      return {
        project: include.project,
        file: include.path,
        inputs,
        ...include.further,
        ...(include.ref && { ref: include.ref }),
      };
    case 'template':
      return { template: include.name, inputs, ...include.further };
    case 'remote':
      return { remote: include.url, inputs, ...include.further };
    case 'component':
      return { component: include.component, inputs, ...include.further };
  }
}

/** The same project with a few files more. */
function withFiles(files: ReadonlyMap<string, string>): (sources: Sources) => Sources {
  return (sources) => ({
    ...sources,
    async readFile(path) {
      const text = files.get(path);
      return text === undefined ? sources.readFile(path) : { kind: 'text', text };
    },
  });
}
