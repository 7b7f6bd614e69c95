import type { Clock } from '../../../base/clock.ts';
import { type Command, isCompleted } from '../../../pipeline/index.ts';
import type { Store } from '../../../store/index.ts';
import { pipelineSpans } from './pipeline-spans.ts';
import { createSpanExporter } from './span-exporter.ts';

export interface TraceOptions {
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly version: string;
}

export interface PipelineTracesParts extends TraceOptions {
  readonly store: () => Store;
  readonly clock: Clock;
  readonly serverUrl: () => string;
  readonly remark: (message: string, about: Readonly<Record<string, unknown>>) => void;
}

/** Tells a receiver of traces of each pipeline that is over. */
export interface PipelineTraces extends AsyncDisposable {
  changed(pipelineId: number, commands: readonly Command[]): void;
}

export function createPipelineTraces(parts: PipelineTracesParts): PipelineTraces {
  const exporter = createSpanExporter(parts);
  const told = new Map<number, number>();
  const reading = new Set<Promise<void>>();

  async function tell(pipelineId: number): Promise<void> {
    const now = parts.clock.now();
    const request = { pipelineId, serverUrl: parts.serverUrl(), toldUntil: told.get(pipelineId) ?? null };
    const spans = await parts.store().read((db) => pipelineSpans(db, request));
    if (spans === null) return;
    exporter.add(spans);
    told.delete(pipelineId);
    told.set(pipelineId, now);
    if (told.size > MOST_REMEMBERED) told.delete(told.keys().next().value ?? pipelineId);
  }

  return {
    changed(pipelineId, commands) {
      const isOver = commands.some(
        (command) => command.type === 'pipeline-status-changed' && isCompleted(command.to),
      );
      if (!isOver) return;
      const work = tell(pipelineId).catch((error: unknown) =>
        parts.remark('A pipeline has no trace', { err: error, pipeline: pipelineId }),
      );
      reading.add(work);
      void work.finally(() => reading.delete(work));
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(reading);
      await exporter[Symbol.asyncDispose]();
    },
  };
}

const MOST_REMEMBERED = 10_000;

/** No pipeline is traced. */
export const NO_TRACES: PipelineTraces = {
  changed: () => undefined,
  [Symbol.asyncDispose]: () => Promise.resolve(),
};
