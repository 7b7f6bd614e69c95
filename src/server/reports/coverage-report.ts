import type { SaxesTagPlain } from 'saxes';
import { UnreadableReport } from './report-files.ts';

export type CoverageFormat = 'cobertura' | 'jacoco';

/**
 * The share of lines that a coverage report says were run, in percent; null when it does not say. Of Cobertura that is
 * the `line-rate` of its root, or what `lines-covered` and `lines-valid` make; of JaCoCo the counter of lines that stands
 * directly in the root. Only as much of the report is read as is needed.
 */
export async function readCoverageReport(
  content: AsyncIterable<Buffer>,
  format: CoverageFormat,
): Promise<number | null> {
  // CommonJS: the bundle gives its exports only as the default one, Node gives them both ways.
  const { SaxesParser } = (await import('saxes')).default;
  const parser = new SaxesParser();
  const decoder = new TextDecoder();
  const found: { percent: number | null; isOver: boolean; problem: string | null } = {
    percent: null,
    isOver: false,
    problem: null,
  };
  let depth = 0;
  let unfinished = 0;
  parser.on('error', (error) => {
    found.problem ??= error.message;
  });
  parser.on('opentag', (tag: SaxesTagPlain) => {
    unfinished = 0;
    depth += 1;
    if (depth > MAX_DEPTH) found.isOver = true;
    if (depth === 1) {
      if (format === 'cobertura') found.percent = coberturaPercent(tag.attributes);
      found.isOver ||=
        tag.name !== (format === 'cobertura' ? 'coverage' : 'report') || format === 'cobertura';
    } else if (depth === 2 && tag.name === 'counter' && tag.attributes.type === 'LINE') {
      found.percent = share(Number(tag.attributes.covered), Number(tag.attributes.missed));
      found.isOver = true;
    }
  });
  parser.on('closetag', () => {
    unfinished = 0;
    depth -= 1;
  });
  for await (const chunk of content) {
    unfinished += chunk.length;
    if (unfinished > MAX_TOKEN) throw new UnreadableReport(`a text of more than ${MAX_TOKEN} bytes`);
    parser.write(decoder.decode(chunk, { stream: true }));
    if (found.isOver) return found.percent;
    if (found.problem !== null) throw new UnreadableReport(found.problem);
  }
  return found.percent;
}

const MAX_DEPTH = 64;
const MAX_TOKEN = 4 * 1024 * 1024;

function coberturaPercent(attributes: Readonly<Record<string, string>>): number | null {
  const rate = Number(attributes['line-rate'] ?? Number.NaN);
  if (rate >= 0 && rate <= 1) return rate * 100;
  const covered = Number(attributes['lines-covered'] ?? Number.NaN);
  return share(covered, Number(attributes['lines-valid'] ?? Number.NaN) - covered);
}

function share(covered: number, missed: number): number | null {
  const all = covered + missed;
  return covered >= 0 && missed >= 0 && all > 0 && Number.isFinite(all) ? (covered / all) * 100 : null;
}
