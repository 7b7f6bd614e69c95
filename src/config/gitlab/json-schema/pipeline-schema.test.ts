import { Ajv } from 'ajv';
import { describe, expect, it, test } from 'vitest';
import type { Json } from '../../../pipeline/index.ts';
import { type Node, parseDocuments, toJson } from '../../document/index.ts';
import { KEYWORDS } from '../keywords/table.ts';
import { readPipeline } from '../read-pipeline.ts';
import { caseContext, caseExpectation, caseFiles, caseNames } from '../test-support/cases.ts';
import { memorySources } from '../test-support/memory-sources.ts';
import { pipelineSchema } from './pipeline-schema.ts';

const validate = new Ajv({ strict: false, allErrors: true }).compile(pipelineSchema());

/** What the schema has against a file, document by document, as an editor asks it. */
function complaints(text: string): readonly string[] {
  const { documents } = parseDocuments({ name: 'file', text });
  return documents.filter(isOfPipeline).flatMap((document) => complaintsOf(toJson(document)));
}

/** What the header of a file includes has nothing but `inputs`. */
function isOfPipeline(document: Node): boolean {
  return document.kind !== 'mapping' || [...document.entries.keys()].join() !== 'inputs';
}

function complaintsOf(value: Json): readonly string[] {
  if (validate(value)) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

function complaintsOfCase(name: string): readonly string[] {
  return Object.entries(caseFiles(name)).flatMap(([path, text]) =>
    /\.ya?ml$/.test(path) ? complaints(text) : [],
  );
}

const names = caseNames();
const valid = names.filter((name) => Object(caseExpectation(name)).valid === true);

test.each(valid)('takes the files of %s', (name) => {
  expect(complaintsOfCase(name)).toEqual([]);
});

/** Errors about the form of what stands at one place; all others are about what several places say. */
const OF_FORM = [
  'invalid-keyword',
  'unknown-keyword',
  'keywords-conflict',
  'invalid-include',
  'invalid-format',
];

/** How the reading says that a value is of the wrong kind, is none of a few words, or has a key that it must not have. */
const OF_KIND = /should be|unknown|cannot be used together|must be (an integer|less than or|greater than or)/;

/** Of these, what a schema of one file cannot see, by why that is. */
const UNSEEN: Readonly<Record<string, readonly RegExp[]>> = {
  'what is missing may come from a template, or from an include': [
    /can't be blank$/,
    /missing required (keys|properties)/,
    /must use exactly one of these keys/,
    /should implement the script:, run:, or trigger: keyword$/,
    /should contain (at least one visible job|either a trigger or a needs:pipeline)$/,
    /must have a default value/,
    /token is required/,
    /must specify the (file|job)/,
    /start in must be blank$/,
  ],
  'a list of texts may be a reference': [
    /contains unknown values/,
    /must be less than the limit of 50 tags$/,
    /has to many entries|has too many items|is too long \(maximum is 3\)/,
    /variable definition must be either a string or a hash$/,
    /options array cannot contain null values$/,
    /cannot define more than 50 options$/,
  ],
  'lists in lists count when they are spread': [/no more than 4 caches/, /up to 10 levels deep$/],
  'it is about several values': [
    /value must be present in options$/,
    /is not in the list of allowed options$/,
    /default value (is not|does not match)/,
    /paths can't contain '\*' when used with 'expose_as'$/,
    /is defined in top-level and `default:` entry$/,
    /cannot be specified when/,
    /publish can only be used within a `pages` job$/,
    /use either .*:publish or /,
    /references undefined inputs|circular dependency/,
    /cannot be used together: rules, (options|default)$/,
    /generates too many jobs|inputs has too many entries/,
    /does not have YAML extension!$/,
    /integrity can only be specified for remote includes$/,
    /Including configs from artifacts is only/,
  ],
  'the text is of a language of its own': [
    /should be a duration$/,
    /should not exceed the limit$/,
    /must be a regular expression with re2 syntax$/,
    /or regular expressions using re2 syntax$/,
    /must be a valid (ref|datetime)$/,
    /cannot contain the "\/" character$/,
    /must contain at most one '#'$/,
    /must follow the format/,
    /should be a variable or one of: /,
    /^(Remote|Template) file `.*` (does not have|is not) a valid/,
    /^Component '.*' - /,
  ],
  'a schema sees the text of a key, and null as nothing': [
    /name should be a symbol$/,
    /key must be an alphanumeric string$/,
    /variables:\w+ config must be a string$/,
  ],
};

describe('what the reading refuses for its form', async () => {
  const refusals = await Promise.all(
    names
      .filter((name) => !valid.includes(name))
      .map(async (name) => ({ name, ...(await firstError(name)) })),
  );
  const ofForm = refusals.filter(({ code }) => OF_FORM.includes(code));
  const unseen = Object.values(UNSEEN).flat();
  const seen = ofForm.filter(
    ({ message }) => OF_KIND.test(message) && !unseen.some((pattern) => pattern.test(message)),
  );

  test.each(seen)('$name is refused: $message', ({ name }) => {
    expect(complaintsOfCase(name)).not.toEqual([]);
  });

  test.each(unseen)('some file is still not seen to be wrong where %s', (pattern) => {
    const excused = ofForm.filter(({ message }) => pattern.test(message));
    expect(excused.filter(({ name }) => complaintsOfCase(name).length === 0)).not.toEqual([]);
  });
});

async function firstError(name: string): Promise<{ readonly code: string; readonly message: string }> {
  const sources = memorySources(caseFiles(name));
  const { problems } = await readPipeline({ sources, file: '.gitlab-ci.yml', context: caseContext(name) });
  const error = problems.find(({ severity }) => severity === 'error');
  return { code: error?.code ?? 'none', message: error?.message ?? '' };
}

describe('what editors see of a file that is put together later', () => {
  test.each([
    ['a template of any form', '.a: [1, {x: 2}]\n.b: text'],
    ['a job that takes its script from a template', 'a: {extends: .b}'],
    [
      'a job that adds to an included one',
      'include: a.yml\nbuild: {environment: {url: https://example.org}}',
    ],
    ['a value that is removed', 'a: {extends: b, script: null, cache: null, needs: }'],
    [
      'references, wherever they are',
      'a: {script: [x, !reference [.b, script]], image: !reference [.b, image], rules: [!reference [.b, rules]], variables: !reference [.b, variables], interruptible: !reference [.b, interruptible]}',
    ],
    ['a job that is one', 'a: !reference [.b, job]'],
    ['merge keys', '.b: &b {script: x}\na: {<<: *b, stage: test}'],
    [
      'inputs for values of any type',
      "a: {script: $[[ inputs.lines ]], parallel: $[[ inputs.count ]], when: '$[[ inputs.when ]]', 'cache': '$[[ inputs.cache ]]', interruptible: $[[ inputs.stop ]]}",
    ],
    ['inputs in keys', "'$[[ inputs.name ]]-build': {script: x}\na: {script: x, '$[[ inputs.key ]]': x}"],
    ['`default` and `workflow` as jobs', 'default: {script: x}\nworkflow: {script: x, stage: test}'],
    ['a header', 'spec: {inputs: {a: {type: array, default: []}, b: }}\n---\na: {script: x}'],
  ])('%s', (_, text) => {
    expect(complaints(text)).toEqual([]);
  });

  test.each([
    ['an unknown keyword', 'a: {script: x, scripts: x}'],
    ['an unknown keyword of a setting', 'workflow: {role: []}'],
    ['a word that is none of a few', 'a: {script: x, when: sometimes}'],
    ['two keywords that go not together', 'a: {script: x, rules: [{when: always}], only: [main]}'],
    ['what a job that triggers cannot have', 'a: {trigger: x/y, image: x}'],
    ['too much', 'a: {script: x, parallel: 201}'],
    ['a key that is missing where nothing can add it', 'include: [{file: x.yml}]'],
    ['what only a header has', 'spec: {input: {}}'],
  ])('refuses %s', (_, text) => {
    expect(complaints(text)).not.toEqual([]);
  });
});

it('tells of every keyword what it means', () => {
  const schema = JSON.stringify(pipelineSchema());
  const untold = Object.entries(KEYWORDS).filter(
    ([, { text }]) => !schema.includes(JSON.stringify(text).slice(1, -1)),
  );
  expect(untold.map(([path]) => path)).toEqual([]);
});

it('has no reference to nowhere, and no definition that nothing refers to', () => {
  const { definitions, ...root } = pipelineSchema();
  const text = JSON.stringify({ root, definitions });
  const referred = new Set(
    [...text.matchAll(/"\$ref":"#\/definitions\/([^"]+)"/g)].map(([, name = '']) => name),
  );
  expect([...referred].sort()).toEqual(Object.keys(Object(definitions)).sort());
});
