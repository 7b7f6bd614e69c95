import { readFileSync } from 'node:fs';
import { textWidth } from '../src/cli/looks/text-width.ts';

/**
 * Draws what a terminal shows as an SVG: `FORCE_COLOR=1 slipway list | node tools/terminal-svg.ts TITLE > x.svg`.
 * Of control sequences it knows the colours that Slipway uses.
 */
const lines = readFileSync(0, 'utf8').trimEnd().split('\n');
const [charWidth, lineHeight, padding, bar] = [8.4, 19, 16, 28];
const columns = Math.max(60, ...lines.map((line) => textWidth(line.replaceAll(/\u001b\[[0-9;]*m/g, ''))));
const width = Math.ceil(columns * charWidth + 2 * padding);
const height = lines.length * lineHeight + 2 * padding + bar;

const COLOURS: Readonly<Record<string, string>> = {
  '31': '#ff7b72',
  '32': '#7ee787',
  '33': '#e3b341',
  '34': '#79c0ff',
  '35': '#d2a8ff',
  '36': '#76e3ea',
};

const rows = lines.map(
  (line, at) => `<text x="${padding}" y="${bar + padding + (at + 0.7) * lineHeight}">${spans(line)}</text>`,
);
process.stdout.write(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<title>${escaped(process.argv[2] ?? 'A terminal')}</title>
<rect width="${width}" height="${height}" rx="8" fill="#0d1117"/>
<g fill="#30363d"><circle cx="18" cy="16" r="6"/><circle cx="38" cy="16" r="6"/><circle cx="58" cy="16" r="6"/></g>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="14" fill="#e6edf3" xml:space="preserve" style="white-space:pre">
${rows.join('\n')}
</g>
</svg>
`);

/** A line as spans of one look each. */
function spans(line: string): string {
  let [colour, bold, dim] = ['', false, false];
  let out = '';
  for (const part of line.split(/(\u001b\[[0-9;]*m)/)) {
    const code = /^\u001b\[([0-9;]*)m$/.exec(part)?.[1];
    if (code === undefined) {
      const look = `${colour === '' ? '' : ` fill="${colour}"`}${bold ? ' font-weight="bold"' : ''}${dim ? ' opacity="0.6"' : ''}`;
      if (part !== '') out += look === '' ? escaped(part) : `<tspan${look}>${escaped(part)}</tspan>`;
    } else if (code === '1') bold = true;
    else if (code === '2') dim = true;
    else if (code === '22') [bold, dim] = [false, false];
    else colour = COLOURS[code] ?? '';
  }
  return out;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
