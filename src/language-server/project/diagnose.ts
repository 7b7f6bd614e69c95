import type { Problem } from '../../base/problem.ts';
import {
  type PipelineContext,
  type PipelineReading,
  readPipeline,
  type Sources,
} from '../../config/index.ts';
import { textOf, valueAt } from '../names/collector.ts';
import type { FileIndex } from '../syntax/file-index.ts';

/** What reading a pipeline file came to, with all that editors show of it. */
export interface Diagnosis {
  readonly root: string;
  readonly reading: PipelineReading;
  readonly problems: readonly Problem[];
}

export interface DiagnosisRequest {
  /** The pipeline file, from the project's root. */
  readonly root: string;
  /** The same, indexed; null when it cannot be read. */
  readonly file: FileIndex | null;
  readonly sources: Sources;
  readonly context: PipelineContext;
  /** How much can be known about the file: of one that nothing leads to, only whether it is YAML. */
  readonly reach: 'whole' | 'syntax';
}

/**
 * Reads a pipeline file as `slipway lint` does. Inputs that must be given get a stand-in, so that the rest of the file
 * is judged; what is said about a line with such an input is left out, because it may be about the stand-in.
 */
export async function diagnose({
  root,
  file,
  sources,
  context,
  reach,
}: DiagnosisRequest): Promise<Diagnosis> {
  const standIns = file === null ? {} : standInsFor(file);
  const given = { ...context, inputs: { ...standIns, ...context.inputs } };
  const reading = await readPipeline({ sources, file: root, context: given });
  const all = reading.problems;
  const said = Object.keys(standIns).length === 0 ? all : all.filter((problem) => !isAboutInput(problem));
  const problems = reach === 'whole' ? said : said.filter(({ code }) => code.startsWith('yaml-'));
  return { root, reading, problems };
}

function isAboutInput({ code, excerpt }: Problem): boolean {
  return code === 'input-invalid' || code === 'input-missing' || excerpt?.includes('$[[') === true;
}

/** A value for each input of the header that has no default, such as its type and options allow. */
function standInsFor(file: FileIndex): Readonly<Record<string, unknown>> {
  const values: Record<string, unknown> = {};
  if (!file.hasHeader) return values;
  for (const { content } of file.blocks) {
    const spec = content.isHeader && content.tree !== null ? valueAt(content.tree, 'spec') : undefined;
    const inputs = valueAt(spec, 'inputs');
    if (inputs?.kind !== 'mapping') continue;
    for (const { key, value } of inputs.pairs) {
      const name = textOf(key);
      if (name === null || valueAt(value, 'default') !== undefined) continue;
      const options = valueAt(value, 'options');
      const [first] = options?.kind === 'sequence' ? options.items : [];
      values[name] = textOf(first) ?? standInOf(textOf(valueAt(value, 'type')), name);
    }
  }
  return values;
}

function standInOf(type: string | null, name: string): unknown {
  switch (type) {
    case 'number':
      return 1;
    case 'boolean':
      return true;
    case 'array':
      return [];
    default:
      return name;
  }
}
