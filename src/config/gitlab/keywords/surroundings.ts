import { honoured, type Keywords, noDifference, notActedOn } from './keyword.ts';

/** Where a job runs, and where it deploys to. */
export const SURROUNDINGS: Keywords = {
  'job:image': {
    text: 'The container image that the job runs in: its name, or a mapping that also says how to start it. Variables in the name are expanded.',
    example: 'image: node:22',
    treatment: honoured('In a container engine. In a shell job the log says that it is not used.'),
  },
  'job:image:name': {
    text: 'The name of the image, with its registry and tag.',
    example: 'image:\n  name: registry.example.org/tools/terraform:1.9\n  entrypoint: [""]',
  },
  'job:image:entrypoint': {
    text: 'The command that starts the container, instead of the one of the image. `[""]` is none, for images that would not start a shell.',
    example: 'image:\n  name: registry.example.org/tools/terraform:1.9\n  entrypoint: [""]',
  },
  'job:image:pull_policy': {
    text: '`always`, `if-not-present` or `never`: when the image is fetched. With a list, the next is tried when one fails.',
    example: 'image:\n  name: node:22\n  pull_policy: if-not-present',
  },
  'job:image:docker': {
    text: 'Settings for runners that use Docker.',
    example: 'image:\n  name: node:22\n  docker:\n    user: node',
  },
  'job:image:docker:platform': {
    text: 'The platform of the image to fetch, such as `linux/arm64`.',
    example: 'image:\n  name: node:22\n  docker:\n    platform: linux/arm64/v8',
  },
  'job:image:docker:user': {
    text: 'The user, by name or number, that the commands run as.',
    example: 'image:\n  name: node:22\n  docker:\n    user: node',
  },
  'job:image:kubernetes': {
    text: 'Settings for runners that use Kubernetes.',
    example: 'image:\n  name: node:22\n  kubernetes:\n    user: "1001"',
    treatment: notActedOn('Jobs run in a local engine.'),
  },
  'job:image:kubernetes:user': {
    text: 'The user, by number, that the commands run as; a group may follow after a colon.',
    example: 'image:\n  name: node:22\n  kubernetes:\n    user: "1001:1001"',
  },
  'job:services': {
    text: 'Containers that run beside the job and are reached by their name, such as a database: a list of image names, or of mappings that say more.',
    example: 'services:\n  - postgres:17',
    treatment: honoured('In a container engine. In a shell job the log says that they are not started.'),
  },
  'job:services:name': {
    text: 'The image of the service. Without an `alias` the service is reached by the name of the image.',
    example: 'services:\n  - name: postgres:17\n    alias: db',
  },
  'job:services:alias': {
    text: 'The host name, or several with spaces or commas between them, by which the job reaches the service.',
    example: 'services:\n  - name: postgres:17\n    alias: db',
  },
  'job:services:command': {
    text: 'The arguments that the service is started with, instead of those of its image.',
    example: 'services:\n  - name: postgres:17\n    command: [postgres, -c, max_connections=300]',
  },
  'job:services:variables': {
    text: 'Variables of this service only, besides those of the job, which every service has.',
    example: 'services:\n  - name: postgres:17\n    variables:\n      POSTGRES_PASSWORD: secret',
  },
  'job:services:kubernetes': {
    text: 'Settings for runners that use Kubernetes.',
    example: 'services:\n  - name: postgres:17\n    kubernetes:\n      user: "999"',
    treatment: notActedOn('Services run in a local engine.'),
  },
  'job:environment': {
    text: 'Where the job deploys to: the name of an environment, or a mapping that says more. Variables in the name are expanded.',
    example:
      'environment:\n  name: review/$CI_COMMIT_REF_SLUG\n  url: https://$CI_ENVIRONMENT_SLUG.example.org',
    treatment: honoured('The job has its `CI_ENVIRONMENT_` variables; no record of deployments is kept.'),
  },
  'job:environment:name': {
    text: 'The name, up to 255 characters: letters, digits, spaces and `-_/${}.`. What stands before the last `/` makes a group.',
    example: 'environment:\n  name: review/$CI_COMMIT_REF_SLUG',
  },
  'job:environment:url': {
    text: "The address of what was deployed. It may use the job's variables, and those of its dotenv report.",
    example: 'environment:\n  name: production\n  url: https://example.org',
  },
  'job:environment:action': {
    text: 'What the job does with the environment: `start` (the rule) deploys, `stop` ends it, `prepare`, `verify` and `access` only use it.',
    example: 'environment:\n  name: production\n  action: verify',
    treatment: noDifference('It says what becomes of the record of deployments.'),
  },
  'job:environment:on_stop': {
    text: 'The job that stops the environment. It must have the same `environment:name`, and `action: stop`.',
    treatment: notActedOn('The job that stops it is an ordinary manual job.'),
  },
  'job:environment:auto_stop_in': {
    text: 'After how long the environment is stopped by itself, as a duration or `never`.',
    example: 'environment:\n  name: review/$CI_COMMIT_REF_SLUG\n  auto_stop_in: 1 day',
    treatment: notActedOn('Nothing is stopped later.'),
  },
  'job:environment:deployment_tier': {
    text: 'What the environment is for: `production`, `staging`, `testing`, `development` or `other`. Without the keyword it is guessed from the name.',
    example: 'environment:\n  name: customer-portal\n  deployment_tier: production',
  },
  'job:environment:kubernetes': {
    text: 'The cluster that the environment is in, for dashboards and managed resources.',
    example: 'environment:\n  name: production\n  kubernetes:\n    agent: platform/agents:production',
    treatment: notActedOn('No cluster is asked or changed.'),
  },
  'job:environment:kubernetes:agent': {
    text: 'The agent of the cluster, as `PROJECT:AGENT`.',
    example: 'environment:\n  name: production\n  kubernetes:\n    agent: platform/agents:production',
  },
  'job:environment:kubernetes:dashboard': {
    text: 'What the dashboard of the environment shows; it needs an `agent`.',
    example:
      'environment:\n  name: production\n  kubernetes:\n    agent: platform/agents:production\n    dashboard:\n      namespace: shop',
  },
  'job:environment:kubernetes:dashboard:namespace': { text: 'The namespace that the dashboard shows.' },
  'job:environment:kubernetes:dashboard:flux_resource_path': {
    text: 'The path of the Flux resource that the dashboard follows.',
  },
  'job:environment:kubernetes:managed_resources': {
    text: 'Whether GitLab makes and removes resources in the cluster for the environment.',
  },
  'job:environment:kubernetes:managed_resources:enabled': {
    text: '`true` needs an `agent`; `false` switches off what the agent has switched on.',
    example:
      'environment:\n  name: production\n  kubernetes:\n    agent: platform/agents:production\n    managed_resources:\n      enabled: true',
  },
  'job:environment:kubernetes:namespace': { text: 'The older way to write `dashboard:namespace`.' },
  'job:environment:kubernetes:flux_resource_path': {
    text: 'The older way to write `dashboard:flux_resource_path`; it needs `namespace` and `agent`.',
  },
};
