import type { Keywords } from './keyword.ts';

/** The parts of a release, and of a website. */
export const RELEASE: Keywords = {
  'job:release:tag_name': {
    text: 'The tag of the release. It is made when there is none. Variables are expanded.',
    example: 'release:\n  tag_name: $CI_COMMIT_TAG\n  description: Version $CI_COMMIT_TAG',
  },
  'job:release:tag_message': { text: 'The message of the tag, where the release makes it.' },
  'job:release:name': { text: 'The title of the release; the name of the tag without the keyword.' },
  'job:release:description': {
    text: 'What is new: a text, or the path of a file that holds it.',
    example: 'release:\n  tag_name: $CI_COMMIT_TAG\n  description: CHANGELOG.md',
  },
  'job:release:ref': { text: 'The branch or commit to put the tag on, where the release makes it.' },
  'job:release:released_at': {
    text: 'The time of the release as ISO 8601, for one that was earlier or is to come.',
    example: 'release:\n  tag_name: v1.0\n  description: First\n  released_at: "2030-01-31T08:00:00Z"',
  },
  'job:release:milestones': { text: 'The milestone, or several, that the release belongs to.' },
  'job:release:assets': { text: 'What people can fetch with the release.' },
  'job:release:assets:links': {
    text: 'Links to files, each with a name and an address.',
    example:
      'release:\n  tag_name: v1.0\n  description: First\n  assets:\n    links:\n      - name: Manual\n        url: https://example.org/manual.pdf',
  },
  'job:release:assets:links:name': { text: 'The text of the link.' },
  'job:release:assets:links:url': { text: 'Where the link leads to.' },
  'job:release:assets:links:filepath': {
    text: 'A path below the address of the release that leads to the link and stays the same.',
  },
  'job:release:assets:links:link_type': {
    text: 'What the link is: `other`, `runbook`, `image` or `package`.',
  },
  'job:pages:publish': {
    text: 'The folder to publish; `public` without the keyword. It is kept with the artifacts.',
    example: 'pages:\n  publish: dist',
  },
  'job:pages:path_prefix': {
    text: 'Publishes beside the main website, below this path. Variables are expanded.',
    example: 'pages:\n  path_prefix: $CI_COMMIT_BRANCH',
  },
  'job:pages:expire_in': {
    text: 'For how long a website with a `path_prefix` stays, as a duration or `never`.',
    example: 'pages:\n  path_prefix: review\n  expire_in: 1 week',
  },
};
