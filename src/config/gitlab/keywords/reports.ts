import { honoured, type Keyword, type Keywords, noDifference } from './keyword.ts';

/** Reports of one kind are a list of files; what is said about each is what is in it. */
export const REPORTS: Keywords = {
  'job:artifacts:reports': {
    text: 'Files in which the job reports what it has found, by the kind of report. They are kept whether the job passes or fails.',
    example: 'artifacts:\n  reports:\n    junit: report.xml',
  },
  'job:artifacts:reports:junit': {
    text: 'Test results in the form of JUnit, as most test programs can write them.',
    example: 'artifacts:\n  reports:\n    junit: [report.xml, more/*.xml]',
    treatment: honoured('The tests that failed are named when the job ends.'),
  },
  'job:artifacts:reports:dotenv': {
    text: 'Lines of `NAME=VALUE`, up to 5 KB: variables of the later jobs that take the artifacts of this one.',
    example: 'artifacts:\n  reports:\n    dotenv: build.env',
    treatment: honoured('The variables reach later jobs.'),
  },
  'job:artifacts:reports:coverage_report': {
    text: 'Which lines the tests have covered, to be shown in the changes of a merge request.',
    example:
      'artifacts:\n  reports:\n    coverage_report:\n      coverage_format: cobertura\n      path: coverage.xml',
    treatment: noDifference('The file is kept with the artifacts; a local run has no page that shows it.'),
  },
  'job:artifacts:reports:coverage_report:coverage_format': {
    text: 'The form of the file: `cobertura` or `jacoco`.',
    example:
      'artifacts:\n  reports:\n    coverage_report:\n      coverage_format: jacoco\n      path: jacoco.xml',
  },
  'job:artifacts:reports:coverage_report:path': {
    text: 'The file, or a pattern for several.',
    example:
      'artifacts:\n  reports:\n    coverage_report:\n      coverage_format: cobertura\n      path: coverage/*.xml',
  },
  ...shownInGitLab({
    accessibility: 'Faults of pages that keep people out, found by pa11y',
    annotations: 'Links to show beside the job, as JSON',
    api_fuzzing: 'What fuzzing an API has found',
    browser_performance: 'How fast pages are in a browser, measured by sitespeed.io',
    cluster_image_scanning: 'Known weaknesses of the images in a cluster',
    codequality: 'Faults of the code, in the form of Code Climate',
    container_scanning: 'Known weaknesses of an image',
    coverage_fuzzing: 'What fuzzing guided by coverage has found',
    cyclonedx: 'What the product is made of (SBOM), in the form of CycloneDX',
    dast: 'Weaknesses found by attacking the running application',
    dependency_scanning: 'Known weaknesses of dependencies',
    license_scanning: 'The licences of dependencies; an old name, GitLab reads `cyclonedx` now',
    load_performance: 'How the application bears load, measured by k6',
    lsif: 'An index of the code for navigation, in the form of LSIF',
    metrics: 'Any numbers, in the form of OpenMetrics',
    performance: 'An old name of `browser_performance`',
    repository_xray: 'What the code depends on, for suggestions of code',
    requirements: 'Requirements that are met; an old name, GitLab reads `requirements_v2` now',
    requirements_v2: 'Requirements that are met, as JSON',
    sarif: 'Findings of static analysis, in the form of SARIF',
    sast: 'Weaknesses found in the source code',
    secret_detection: 'Passwords and keys found in the repository',
    terraform: 'What a Terraform plan would create, change and delete, as JSON',
  }),
};

/** Reports that nothing in a pipeline reads: GitLab shows them on its pages, most of them where it is paid for. */
function shownInGitLab(reports: Readonly<Record<string, string>>): Keywords {
  const found: Record<string, Keyword> = {};
  for (const [name, what] of Object.entries(reports)) {
    found[`job:artifacts:reports:${name}`] = {
      text: `${what}. One file or several.`,
      example: `artifacts:\n  reports:\n    ${name}: report.json`,
      treatment: noDifference(
        'The files are kept with the artifacts; a local run has no page that shows them.',
      ),
    };
  }
  return found;
}
