import type { Problem } from '../../../base/problem.ts';
import type { MappingEntry, MappingNode, Node } from '../../document/index.ts';
import { type UnactedKeywords, unactedKeywords } from '../keywords/not-acted-on.ts';
import type { ParsedConfig, ParsedJob } from '../parsed.ts';
import { isNull, listOf } from './collections.ts';
import { isRootDefault, readDefaults } from './defaults.ts';
import { childOf, complain, type Entry, type Position, rootPosition, say } from './entry.ts';
import { isJob, readJob } from './job.ts';
import { text, textOf } from './scalars.ts';
import { rootVariables } from './variables.ts';
import { NO_WORKFLOW, workflow } from './workflow.ts';

/**
 * Reads the merged root mapping: checks the shape of every keyword and gives the typed configuration. What is wrong
 * is added to `problems`; the result then lacks the parts that could not be read.
 */
export function readRoot(root: MappingNode, problems: Problem[]): ParsedConfig {
  const at = rootPosition(problems);
  const unacted = unactedKeywords(problems);
  const defaults = readDefaults(root, settingsEntry(root, 'default'), at, unacted);
  const stages = read(root.entries.get('stages'), stageList, childOf(at, 'stages'));
  const workflowEntry = settingsEntry(root, 'workflow');
  return {
    stages: withEdges(stages ?? DEFAULT_STAGES),
    stagesSpan: root.entries.get('stages')?.value.span ?? null,
    variables: read(root.entries.get('variables'), rootVariables, childOf(at, 'variables')) ?? new Map(),
    workflow: read(workflowEntry ?? undefined, workflow, childOf(at, 'workflow')) ?? NO_WORKFLOW,
    jobs: readJobs(root, defaults, childOf(at, 'jobs'), unacted),
  };
}

const DEFAULT_STAGES = ['build', 'test', 'deploy'];

const STAGES_MESSAGE = 'should be an array of strings or a nested array of strings up to 10 levels deep';

export const stageList: Entry<readonly string[]> = listOf(text({ message: STAGES_MESSAGE }), {
  message: STAGES_MESSAGE,
  nested: true,
});

/** `.pre` and `.post` stand at the edges wherever they were listed. */
function withEdges(stages: readonly string[]): readonly string[] {
  const middle = new Set(stages);
  middle.delete('.pre');
  middle.delete('.post');
  return ['.pre', ...middle, '.post'];
}

function readJobs(
  root: MappingNode,
  defaults: ReturnType<typeof readDefaults>,
  at: Position,
  unacted: UnactedKeywords,
): readonly ParsedJob[] {
  const jobs: ParsedJob[] = [];
  let visible = 0;
  for (const [name, entry] of root.entries) {
    if (name.startsWith('.')) checkHidden(name, entry, at);
    if (name.startsWith('.') || isSetting(name, entry)) continue;
    visible++;
    const job = readJob(name, entry, defaults, at);
    if (job === undefined) continue;
    jobs.push(job);
    unacted.check('job', entry.value, `jobs:${name}`);
  }
  if (visible === 0) {
    say(at, { ...root.span, end: root.span.start }, 'jobs config should contain at least one visible job', {
      hint: 'A job is a key with a `script`; names that begin with a dot are templates.',
    });
  }
  return jobs;
}

/** A template may be anything, but not nothing. */
function checkHidden(name: string, { value, key }: MappingEntry, jobs: Position): void {
  const blank =
    value.kind === 'scalar'
      ? value.value === null || value.value === false || textOf(value)?.trim() === ''
      : (value.kind === 'mapping' && value.entries.size === 0) ||
        (value.kind === 'sequence' && value.items.length === 0);
  if (!blank) return;
  const span = value.span.end > value.span.start ? value.span : key.span;
  complain(childOf(jobs, name), span, "can't be blank", {
    hint: 'Give the template a key, or take it away.',
  });
}

/** `default` and `workflow` are settings, unless they have what only a job has. */
function settingsEntry(root: MappingNode, name: 'default' | 'workflow'): MappingEntry | null {
  const entry = root.entries.get(name);
  return entry === undefined || isJobNode(entry.value) ? null : entry;
}

function isSetting(name: string, { value }: MappingEntry): boolean {
  if (name === 'default' || name === 'workflow') return !isJobNode(value);
  return name === 'stages' || name === 'variables' || name === 'include' || isRootDefault(name);
}

function isJobNode(node: Node): boolean {
  return node.kind === 'mapping' && isJob(node);
}

function read<T>(entry: MappingEntry | undefined, reader: Entry<T>, at: Position): T | undefined {
  return entry === undefined || isNull(entry.value) ? undefined : reader.read(entry.value, at);
}
