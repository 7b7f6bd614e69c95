import { honoured, type Keywords } from './keyword.ts';

/** Jobs that start other pipelines. */
export const TRIGGER: Keywords = {
  'job:trigger': {
    text: 'Starts another pipeline instead of running a script: of another project, by its path, or a child of this one with `include`.',
    example: 'trigger:\n  include: ci/child.yml\n  strategy: depend',
    treatment: honoured(
      'Child pipelines run, and those of projects that --project names. Without that the job fails.',
    ),
  },
  'job:trigger:project': {
    text: 'The project whose pipeline is started, by its full path. Variables in it are expanded.',
    example: 'trigger:\n  project: platform/deployment\n  branch: main',
  },
  'job:trigger:branch': {
    text: "With `project`: the branch or tag that its pipeline runs for; without it, the project's default branch.",
    example: 'trigger:\n  project: platform/deployment\n  branch: main',
  },
  'job:trigger:include': {
    text: 'The file or files, up to three, that the child pipeline is made of. They can come from anywhere that `include` at the root can, and from artifacts of earlier jobs.',
    example: 'trigger:\n  include:\n    - local: ci/child.yml',
  },
  'job:trigger:strategy': {
    text: 'Whether the job waits for the pipeline it has started. Without the keyword it passes as soon as that one exists; with `depend` it passes or fails with it; with `mirror` it shows the very status.',
    example: 'trigger:\n  include: ci/child.yml\n  strategy: depend',
  },
  'job:trigger:forward': {
    text: 'Which variables go along to the started pipeline.',
    example: 'trigger:\n  include: ci/child.yml\n  forward:\n    pipeline_variables: true',
  },
  'job:trigger:forward:yaml_variables': {
    text: 'Those that the file sets, for the pipeline and for this job: yes, unless it is `false`.',
    example: 'trigger:\n  include: ci/child.yml\n  forward:\n    yaml_variables: false',
  },
  'job:trigger:forward:pipeline_variables': {
    text: 'Those that this pipeline was started with: no, unless it is `true`.',
    example: 'trigger:\n  include: ci/child.yml\n  forward:\n    pipeline_variables: true',
  },
  'job:trigger:inputs': {
    text: 'Values for the inputs that the header of the started pipeline declares, by name.',
    example: 'trigger:\n  project: platform/deployment\n  inputs:\n    environment: staging',
  },
};
