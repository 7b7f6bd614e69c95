import { parseWritten } from '../../config/index.ts';

/**
 * A text as YAML must write it to be read as that very text: as it is where it can be, else in quotes. `flow`: it
 * stands in a `[list]` or `{mapping}`, where commas and brackets mean something.
 */
export function yamlText(text: string, flow: boolean): string {
  return isPlain(text, flow) ? text : `"${escapedFor('"', text)}"`;
}

/** A text as it is written between quotes of a kind. */
export function escapedFor(quote: '"' | "'", text: string): string {
  if (quote === "'") return text.replaceAll("'", "''");
  return JSON.stringify(text).slice(1, -1);
}

function isPlain(text: string, flow: boolean): boolean {
  if (PLAIN_WORDS.test(text) && !NOT_TEXT.test(text)) return true;
  if (text !== text.trim() || /[\r\n\t]/.test(text) || NOT_TEXT.test(text)) return false;
  const reading = parseWritten(flow ? `[${text}]` : `${text}: x`);
  if (!reading.ok) return false;
  const [root] = reading.documents;
  const node =
    root?.kind === 'mapping' ? root.pairs[0]?.key : root?.kind === 'sequence' ? root.items[0] : root;
  const alone =
    root?.kind === 'mapping' ? root.pairs.length === 1 : root?.kind === 'sequence' && root.items.length === 1;
  return (
    alone && node?.kind === 'scalar' && node.style === 'plain' && node.value === text && node.anchor === null
  );
}

/** Most names; they are many, and parsing each takes its time. */
const PLAIN_WORDS = /^[A-Za-z_.][\w./-]*(?: [\w./-]+)*$/;

/** What YAML 1.1 takes for a boolean, null, a number or a date; quoting a little more than needed harms nobody. */
const NOT_TEXT =
  /^(?:~|null|yes|no|on|off|true|false|y|n|[-+.]?[0-9][0-9_,.:eE+-]*|[-+]?\.(?:inf|nan)|0[xob].*)$/i;
