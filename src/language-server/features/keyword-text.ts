import type { FoundKeyword, Treatment } from '../../config/index.ts';

/** What a keyword means, as Markdown: its text, an example, and what a local run does otherwise. */
export function keywordText({ keyword, treatment }: FoundKeyword): string {
  if (keyword === null) return '';
  const example = keyword.example === undefined ? [] : [`\`\`\`yaml\n${keyword.example}\n\`\`\``];
  return [keyword.text, ...example, ...treatmentText(treatment)].join('\n\n');
}

export function treatmentText(treatment: Treatment): readonly string[] {
  switch (treatment.kind) {
    case 'honoured':
      return treatment.remark === undefined ? [] : [`In a local run: ${treatment.remark}`];
    case 'no-difference':
      return [`In a local run it makes no difference: ${treatment.why}`];
    case 'not-acted-on':
      return [`A local run does not act on it: ${treatment.why}`];
  }
}
