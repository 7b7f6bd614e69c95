import { type Keywords, noDifference } from './keyword.ts';

/** The header of a file: the document before the line `---`. */
export const SPEC: Keywords = {
  spec: {
    text: 'The header of a file: what can be given to it. It stands in a document of its own, before a line `---`, and the rest of the file uses it as `$[[ inputs.NAME ]]`.',
    example: 'spec:\n  inputs:\n    environment:\n      default: staging',
  },
  'spec:inputs': {
    text: 'The inputs of the file, by name. One without a `default` must be given: by the `include`, by `trigger:inputs`, or when the pipeline is started.',
    example: 'spec:\n  inputs:\n    environment:\n    replicas:\n      type: number\n      default: 2',
  },
  'spec:inputs:NAME:default': {
    text: 'The value when none is given. It must be of the `type`, and one of the `options`.',
    example: 'spec:\n  inputs:\n    environment:\n      default: staging',
  },
  'spec:inputs:NAME:description': {
    text: 'What the input is for, in words; shown where values are asked for.',
    example: 'spec:\n  inputs:\n    environment:\n      default: staging\n      description: Where to deploy',
    treatment: noDifference('It is text for people.'),
  },
  'spec:inputs:NAME:options': {
    text: 'The only values that are taken, up to 50. For inputs of the types `string`, `number` and `array`.',
    example:
      'spec:\n  inputs:\n    environment:\n      default: staging\n      options: [staging, production]',
  },
  'spec:inputs:NAME:regex': {
    text: 'An RE2 expression, without slashes, that the value must match. For inputs of the type `string`.',
    example: 'spec:\n  inputs:\n    version:\n      default: v1.0\n      regex: ^v\\d\\.\\d+$',
  },
  'spec:inputs:NAME:type': {
    text: '`string` (also when nothing is said), `number`, `boolean` or `array`. A value that is nothing but `$[[ inputs.NAME ]]` keeps the type.',
    example: 'spec:\n  inputs:\n    replicas:\n      type: number\n      default: 2',
  },
  'spec:inputs:NAME:rules': {
    text: 'Other `options` and another `default` by the values of other inputs; the first rule whose `if` holds is taken. Not together with `options` or `default` of the input itself.',
    example:
      "spec:\n  inputs:\n    environment:\n      default: staging\n    size:\n      rules:\n        - if: $[[ inputs.environment ]] == 'production'\n          options: [large, huge]\n          default: large\n        - options: [small]\n          default: small",
  },
  'spec:inputs:NAME:rules:if': {
    text: 'An expression over other inputs; a rule without one always holds.',
    example:
      "spec:\n  inputs:\n    environment:\n      default: staging\n    size:\n      rules:\n        - if: $[[ inputs.environment ]] == 'production'\n          options: [large]\n          default: large\n        - options: [small]\n          default: small",
  },
  'spec:inputs:NAME:rules:options': {
    text: 'The only values that are taken when the rule holds.',
    example:
      'spec:\n  inputs:\n    size:\n      rules:\n        - options: [small, large]\n          default: small',
  },
  'spec:inputs:NAME:rules:default': {
    text: 'The value when none is given and the rule holds; one of its `options`, if it has any.',
    example:
      'spec:\n  inputs:\n    size:\n      rules:\n        - options: [small, large]\n          default: small',
  },
  'spec:description': {
    text: 'What the file is for, in words, up to 256 characters.',
    example: 'spec:\n  description: Deploys to one environment',
    treatment: noDifference('It is text for people.'),
  },
  'spec:component': {
    text: 'Which facts about the component the file uses as `$[[ component.NAME ]]`: `name`, `sha`, `version`, `reference`.',
    example: 'spec:\n  component: [name, version]',
  },
  'spec:include': {
    text: 'Files whose `inputs` are added to those of this header.',
  },
};
