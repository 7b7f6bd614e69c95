import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { allFields, type FoundField } from '../src/config/cloudbuild/language/find.ts';
import { usedFields } from '../src/config/cloudbuild/test-support/used-fields.ts';
import type { Treatment } from '../src/config/gitlab/keywords/keyword.ts';

const CASES = 'src/config/cloudbuild/cases';
const MOST_LINKS = 3;

/** docs/reference/cloudbuild.md: every field of a build file, what is done with it, and the cases that show it. */
export function cloudbuildPage(root: string): string {
  const cases = readdirSync(join(root, CASES)).sort();
  const used = cases.map((name) => ({ name, fields: fieldsOfCase(join(root, CASES, name)) }));
  const fields = allFields();
  const rows = fields.map((field) => {
    const links = used
      .filter((one) => one.fields.has(field.path))
      .toSorted(
        (a, b) => Number(isRefused(a.name)) - Number(isRefused(b.name)) || a.fields.size - b.fields.size,
      )
      .slice(0, MOST_LINKS)
      .map(({ name }) => `[${name}](../../${CASES}/${name})`);
    return `| \`${field.path}\` | ${cell(field.field?.text ?? '')} | ${cell(treatmentText(field.treatment))} | ${links.join(', ')} |`;
  });
  return `${head(fields)}
| field | what it means | here | shown by |
| --- | --- | --- | --- |
${rows.join('\n')}
`;
}

function head(fields: readonly FoundField[]): string {
  const count = (kind: Treatment['kind']) => fields.filter(({ treatment }) => treatment.kind === kind).length;
  return `# Fields of a cloudbuild.yaml

Every field of a build file of Google Cloud Build and what is done with it. Written by \`make docs\` from the table that the
files are read with; do not edit it here. The [guide](../guides/cloud-build.md) tells how they work together. Of ${fields.length}
fields

- ${count('honoured')} are **honoured**, but for the remark that may follow;
- ${count('no-difference')} **make no difference**: they are accepted, and on one machine a build does the same without them;
- ${count('not-acted-on')} are **not acted on**: they are accepted, but something would happen in the service that does not happen
  here. Reading the file warns of each, with [\`keyword-not-acted-on\`](../errors.md#keyword-not-acted-on).

Names are also taken in snake case, as in \`wait_for\`. Any other field is an error, as in the service.
`;
}

function fieldsOfCase(folder: string): ReadonlySet<string> {
  const file = readdirSync(folder).find((name) => name.startsWith('cloudbuild.'));
  return file === undefined ? new Set() : usedFields(readFileSync(join(folder, file), 'utf8'));
}

function isRefused(name: string): boolean {
  return name.includes('-error-');
}

function treatmentText(treatment: Treatment): string {
  switch (treatment.kind) {
    case 'honoured':
      return treatment.remark === undefined ? 'honoured' : `honoured. ${treatment.remark}`;
    case 'no-difference':
      return `makes no difference. ${treatment.why}`;
    case 'not-acted-on':
      return `**not acted on.** ${treatment.why}`;
  }
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
