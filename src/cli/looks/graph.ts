import { printable } from '../../base/printable.ts';
import type { Job, Plan } from '../../pipeline/index.ts';
import type { Colours } from '../colours.ts';

/** What waits for what: an arrow for each need, and for a job without `needs` the stage it waits for. */
export interface Graph {
  readonly stages: readonly { readonly name: string; readonly jobs: readonly GraphJob[] }[];
}

export interface GraphJob {
  readonly name: string;
  readonly when: Job['when'];
  readonly allow_failure: boolean;
  /** The jobs it waits for; null: all jobs of the stages before its own. */
  readonly needs: readonly string[] | null;
}

export function graphOf(plan: Plan): Graph {
  const byStage = Map.groupBy(plan.jobs, (job) => job.stage);
  return {
    stages: plan.stages.map((name) => ({
      name,
      jobs: (byStage.get(name) ?? []).map((job) => ({
        name: job.name,
        when: job.when,
        allow_failure: job.allowFailure,
        needs: job.needs?.map((need) => need.job) ?? null,
      })),
    })),
  };
}

/** Stages from top to bottom, with the needs of each job behind it. */
export function graphAsText(graph: Graph, colours: Colours): string {
  const lines: string[] = [];
  for (const [at, stage] of graph.stages.entries()) {
    if (at > 0) lines.push(colours.dim('  │'));
    lines.push(`${colours.bold(printable(stage.name))}`);
    for (const [index, job] of stage.jobs.entries()) {
      const branch = index === stage.jobs.length - 1 ? '└' : '├';
      const marks = [job.when === 'on_success' ? '' : job.when, job.allow_failure ? 'may fail' : '']
        .filter((mark) => mark !== '')
        .join(', ');
      const needs =
        job.needs === null
          ? ''
          : ` ← ${job.needs.length === 0 ? 'nothing' : job.needs.map(printable).join(', ')}`;
      const mark = marks === '' ? '' : colours.yellow(` (${marks})`);
      lines.push(`  ${branch} ${printable(job.name)}${mark}${colours.cyan(needs)}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

/** A Mermaid flow chart, as GitLab, GitHub and many editors draw it from Markdown. */
export function graphAsMermaid(graph: Graph): string {
  const ids = idsOf(graph);
  const lines = ['flowchart LR'];
  for (const [at, stage] of graph.stages.entries()) {
    lines.push(`  subgraph stage${at}["${mermaidText(stage.name)}"]`);
    for (const job of stage.jobs) {
      const [open, close] = job.when === 'manual' ? ['([', '])'] : ['[', ']'];
      lines.push(`    ${ids.get(job.name)}${open}"${mermaidText(job.name)}"${close}`);
    }
    lines.push('  end');
  }
  for (const arrow of arrows(graph)) {
    lines.push(
      arrow.kind === 'need'
        ? `  ${ids.get(arrow.from)} --> ${ids.get(arrow.to)}`
        : `  stage${arrow.from} --> stage${arrow.from + 1}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

/** A Graphviz digraph. */
export function graphAsDot(graph: Graph): string {
  const lines = [
    'digraph pipeline {',
    '  rankdir=LR;',
    '  compound=true;',
    '  node [shape=box, style=rounded];',
  ];
  for (const [at, stage] of graph.stages.entries()) {
    lines.push(`  subgraph cluster_${at} {`, `    label=${dotText(stage.name)};`);
    for (const job of stage.jobs) {
      const look = job.when === 'manual' ? ' [style="rounded,dashed"]' : '';
      lines.push(`    ${dotText(job.name)}${look};`);
    }
    lines.push('  }');
  }
  for (const arrow of arrows(graph)) {
    if (arrow.kind === 'need') lines.push(`  ${dotText(arrow.from)} -> ${dotText(arrow.to)};`);
    else lines.push(dotStageArrow(graph, arrow.from));
  }
  return `${[...lines, '}'].join('\n')}\n`;
}

/** Graphviz draws arrows between nodes only: one of each stage, cut off at the stages' borders. */
function dotStageArrow(graph: Graph, from: number): string {
  const [first = '', second = ''] = [graph.stages[from], graph.stages[from + 1]].map(
    (stage) => stage?.jobs[0]?.name,
  );
  return `  ${dotText(first)} -> ${dotText(second)} [ltail=cluster_${from}, lhead=cluster_${from + 1}];`;
}

type Arrow =
  | { readonly kind: 'need'; readonly from: string; readonly to: string }
  /** From the stage of this index to the one after it. */
  | { readonly kind: 'stage'; readonly from: number };

/** An arrow for each need; between two stages one arrow when a job of the later waits for stages. */
function arrows(graph: Graph): readonly Arrow[] {
  const found: Arrow[] = [];
  for (const [at, stage] of graph.stages.entries()) {
    if (at > 0 && stage.jobs.some((job) => job.needs === null)) found.push({ kind: 'stage', from: at - 1 });
    for (const job of stage.jobs) {
      for (const need of job.needs ?? []) found.push({ kind: 'need', from: need, to: job.name });
    }
  }
  return found;
}

/** Mermaid's ids may hold only word characters. */
function idsOf(graph: Graph): ReadonlyMap<string, string> {
  const names = graph.stages.flatMap((stage) => stage.jobs.map((job) => job.name));
  return new Map(names.map((name, at) => [name, `job${at}`]));
}

function mermaidText(text: string): string {
  return printable(text).replaceAll(/["#<>&]/g, (character) => `#${character.charCodeAt(0)};`);
}

function dotText(text: string): string {
  return `"${printable(text).replaceAll(/["\\]/g, '\\$&')}"`;
}
