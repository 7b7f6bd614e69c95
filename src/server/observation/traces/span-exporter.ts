import type { Clock } from '../../../base/clock.ts';
import { attributesOf, type OtlpSpan } from './otlp-span.ts';

export interface ExporterOptions {
  /** As OTEL_EXPORTER_OTLP_ENDPOINT gives it: `/v1/traces` is put behind it. */
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly version: string;
  readonly clock: Clock;
  /** Told once when spans begin to be lost, and once when they go through again. */
  readonly remark: (message: string, about: Readonly<Record<string, unknown>>) => void;
}

/**
 * Sends spans by OTLP over HTTP, as JSON, some time after they are given: nobody waits for it. What the receiver asks to
 * be sent again is, later and later; when it is away for long, the oldest spans are dropped, so that memory stays small.
 */
export interface SpanExporter extends AsyncDisposable {
  add(spans: readonly OtlpSpan[]): void;
}

export function createSpanExporter(options: ExporterOptions): SpanExporter {
  const { clock, remark } = options;
  const url = `${options.endpoint.replace(/\/+$/, '')}/v1/traces`;
  let waiting: OtlpSpan[] = [];
  let dropped = 0;
  let failures = 0;
  let sending: Promise<void> | null = null;
  let cancel: (() => void) | null = null;
  let closing = false;

  function later(milliseconds: number): void {
    cancel ??= clock.after(milliseconds, () => {
      cancel = null;
      sending ??= send().finally(() => {
        sending = null;
        if (waiting.length > 0 && !closing) later(failures === 0 ? 0 : pauseAfter(failures));
      });
    });
  }

  async function send(): Promise<void> {
    const batch = waiting.splice(0, BATCH);
    const answer = await post(url, options, batch);
    if (answer === 'again') {
      failures += 1;
      keep([...batch, ...waiting]);
      if (failures === TOLD_AFTER) remark('Traces cannot be sent', { endpoint: shown(url), dropped });
      return;
    }
    if (answer === 'refused') remark('Traces were refused', { endpoint: shown(url), spans: batch.length });
    if (failures >= TOLD_AFTER) remark('Traces are sent again', { endpoint: shown(url), dropped });
    failures = 0;
    dropped = 0;
  }

  function keep(spans: OtlpSpan[]): void {
    dropped += Math.max(0, spans.length - MOST_WAITING);
    waiting = spans.slice(-MOST_WAITING);
  }

  return {
    add(spans) {
      keep([...waiting, ...spans]);
      if (waiting.length > 0) later(failures === 0 ? GATHER_MS : pauseAfter(failures));
    },
    async [Symbol.asyncDispose]() {
      closing = true;
      cancel?.();
      await sending;
      // One last time, and not for longer than that.
      while (waiting.length > 0 && failures === 0) await send();
    },
  };
}

const BATCH = 512;
const MOST_WAITING = 10_000;
const GATHER_MS = 1000;
const PATIENCE_MS = 10_000;
const TOLD_AFTER = 3;

function pauseAfter(failures: number): number {
  return Math.min(1000 * 2 ** failures, 60_000) * (0.5 + Math.random() / 2);
}

/** The answers after which OTLP wants the same to be sent again; all others mean that it never will be taken. */
const AGAIN = new Set([429, 502, 503, 504]);

async function post(
  url: string,
  { headers, version }: ExporterOptions,
  spans: readonly OtlpSpan[],
): Promise<'taken' | 'again' | 'refused'> {
  const resource = { attributes: attributesOf({ 'service.name': 'slipway', 'service.version': version }) };
  const body = JSON.stringify({
    resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'slipway', version }, spans }] }],
  });
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { ...headers, 'Content-Type': 'application/json' },
      body,
      redirect: 'error',
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    await answer.body?.cancel();
    if (answer.ok) return 'taken';
    return AGAIN.has(answer.status) ? 'again' : 'refused';
  } catch {
    // It is away: what became of it is told by `remark` when it stays so.
    return 'again';
  }
}

function shown(url: string): string {
  return url.replace(/^(\w+:\/\/)[^/@]*@/, '$1***@');
}
