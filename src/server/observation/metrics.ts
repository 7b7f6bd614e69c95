/**
 * Figures for Prometheus, in its text format (https://prometheus.io/docs/instrumenting/exposition_formats/). Written
 * here rather than taken from a library because it is a page, and because a metric must have an end: one that was given
 * more sets of labels than `MOST_SERIES` counts the rest together under `other`, so that nobody can fill the memory
 * with names.
 */
export interface Metrics {
  counter(name: string, help: string, labels?: readonly string[]): Counter;
  gauge(name: string, help: string, labels?: readonly string[]): Gauge;
  histogram(name: string, help: string, buckets: readonly number[], labels?: readonly string[]): Histogram;
  text(): string;
}

/** Values of labels are given in the order in which the metric names them. */
export interface Counter {
  add(amount: number, ...labels: readonly string[]): void;
}

export interface Gauge {
  set(value: number, ...labels: readonly string[]): void;
  /** Forgets all of its values. */
  clear(): void;
}

export interface Histogram {
  observe(value: number, ...labels: readonly string[]): void;
}

export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export const MOST_SERIES = 500;

export function createMetrics(): Metrics {
  const written: (() => string)[] = [];

  function simple(type: 'counter' | 'gauge', name: string, help: string, labels: readonly string[]) {
    const series = createSeries(labels.length, () => ({ value: 0 }));
    written.push(() => {
      const lines = [head(name, help, type)];
      if (labels.length === 0) series.of([]);
      for (const [values, { value }] of series.all()) lines.push(line(name, labels, values, value));
      return lines.join('');
    });
    return series;
  }

  return {
    counter(name, help, labels = []) {
      const series = simple('counter', name, help, labels);
      return {
        add(amount, ...values) {
          series.of(values).value += amount;
        },
      };
    },
    gauge(name, help, labels = []) {
      const series = simple('gauge', name, help, labels);
      return {
        set(value, ...values) {
          series.of(values).value = value;
        },
        clear: () => series.clear(),
      };
    },
    histogram(name, help, buckets, labels = []) {
      const series = createSeries(labels.length, () => ({ sum: 0, count: 0, counts: buckets.map(() => 0) }));
      written.push(() => {
        const lines = [head(name, help, 'histogram')];
        for (const [values, { sum, count, counts }] of series.all()) {
          const bucketLabels = [...labels, 'le'];
          let below = 0;
          for (const [index, bound] of buckets.entries()) {
            below += counts[index] ?? 0;
            lines.push(line(`${name}_bucket`, bucketLabels, [...values, String(bound)], below));
          }
          lines.push(line(`${name}_bucket`, bucketLabels, [...values, '+Inf'], count));
          lines.push(line(`${name}_sum`, labels, values, sum), line(`${name}_count`, labels, values, count));
        }
        return lines.join('');
      });
      return {
        observe(value, ...values) {
          const one = series.of(values);
          one.sum += value;
          one.count += 1;
          const index = buckets.findIndex((bound) => value <= bound);
          if (index !== -1) one.counts[index] = (one.counts[index] ?? 0) + 1;
        },
      };
    },
    text: () => written.map((write) => write()).join(''),
  };
}

function createSeries<T>(labels: number, make: () => T) {
  const byKey = new Map<string, readonly [values: readonly string[], state: T]>();
  const other = Array.from({ length: labels }, () => 'other');

  function of(values: readonly string[]): T {
    const key = values.join('\0');
    const known = byKey.get(key);
    if (known !== undefined) return known[1];
    if (byKey.size >= MOST_SERIES && values !== other) return of(other);
    const state = make();
    byKey.set(key, [values, state]);
    return state;
  }

  return { of, all: () => byKey.values(), clear: () => byKey.clear() };
}

function head(name: string, help: string, type: string): string {
  const text = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return `# HELP ${name} ${text}\n# TYPE ${name} ${type}\n`;
}

function line(name: string, labels: readonly string[], values: readonly string[], value: number): string {
  const pairs = labels.map((label, index) => `${label}="${escaped(values[index] ?? '')}"`);
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${number(value)}\n`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function number(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? '+Inf' : '-Inf';
}
