import { type Keywords, notActedOn } from './keyword.ts';

const fails = notActedOn('A job with such a step fails.', 'keyword-not-acted-on');

/** The steps of `run`, and the values that a job can be started with. */
export const STEPS: Keywords = {
  'job:run:name': {
    text: 'The name of the step: letters, digits and `_`. Expressions use it to ask for what the step gave.',
  },
  'job:run:script': {
    text: 'The commands of the step, as one text.',
    example: 'run:\n  - name: greet\n    script: echo hello',
  },
  'job:run:env': {
    text: 'Variables of this step, by name. The values are texts.',
    example: 'run:\n  - name: greet\n    script: echo "hello $WHO"\n    env:\n      WHO: world',
    treatment: fails,
  },
  'job:run:step': {
    text: 'A step that is written elsewhere: a folder of the repository, an address with a version, or a mapping that says it with `git` or `oci`.',
    example: 'run:\n  - name: greet\n    step: ./steps/greet',
    treatment: fails,
  },
  'job:run:step:git': {
    text: 'A step in a git repository.',
    example:
      'run:\n  - name: greet\n    step:\n      git:\n        url: gitlab.example.org/steps/greet\n        rev: v1',
  },
  'job:run:step:git:url': { text: 'The address of the repository.' },
  'job:run:step:git:rev': { text: 'The branch, tag or commit.' },
  'job:run:step:git:dir': { text: 'The folder of the step in the repository.' },
  'job:run:step:git:file': { text: 'The file that describes the step, where it has another name.' },
  'job:run:step:oci': {
    text: 'A step in a container image.',
    example:
      'run:\n  - name: greet\n    step:\n      oci:\n        registry: registry.example.org\n        repository: steps/greet\n        tag: "1.5"',
  },
  'job:run:step:oci:registry': { text: 'The registry, with its port if it needs one.' },
  'job:run:step:oci:repository': { text: 'The path of the image in the registry.' },
  'job:run:step:oci:tag': { text: 'The tag of the image.' },
  'job:run:step:oci:dir': { text: 'The folder of the step in the image.' },
  'job:run:step:oci:file': { text: 'The file that describes the step, where it has another name.' },
  'job:run:func': {
    text: 'The newer name of `step`.',
    example: 'run:\n  - name: greet\n    func: ./steps/greet',
    treatment: fails,
  },
  'job:run:action': {
    text: 'An action of GitHub Actions, as `OWNER/NAME@VERSION`.',
    example: 'run:\n  - name: greet\n    action: example/greet@v1',
    treatment: fails,
  },
  'job:run:inputs': {
    text: 'Values for the inputs of a step that is written elsewhere, by name.',
    example: 'run:\n  - name: greet\n    step: ./steps/greet\n    inputs:\n      who: world',
    treatment: fails,
  },
  'job:inputs:NAME:default': {
    text: 'The value when none is given; every input of a job has one.',
    example: 'inputs:\n  replicas:\n    type: number\n    default: 2',
  },
  'job:inputs:NAME:description': { text: 'What the value is for, shown to whoever starts the job.' },
  'job:inputs:NAME:options': {
    text: 'The values there are to choose from, 50 at most; for texts and numbers.',
    example: 'inputs:\n  region:\n    default: eu\n    options: [eu, us]',
  },
  'job:inputs:NAME:regex': {
    text: 'A regular expression that a text must match.',
    example: "inputs:\n  version:\n    default: '1.0'\n    regex: ^\\d+\\.\\d+$",
  },
  'job:inputs:NAME:type': {
    text: '`string` (the rule), `number`, `boolean` or `array`.',
    example: 'inputs:\n  dry:\n    type: boolean\n    default: false',
  },
};
