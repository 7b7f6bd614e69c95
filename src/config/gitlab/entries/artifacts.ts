import type { Artifacts } from '../../../pipeline/index.ts';
import type { Node } from '../../document/index.ts';
import { attribute, checkedChild, child, type Fields, into, listOf, record } from './collections.ts';
import { attributeOf, complain, type Entry, type Position } from './entry.ts';
import { textOrTexts } from './id-tokens.ts';
import { boolean, durationText, matching, text, textOf, word } from './scalars.ts';

const strings = listOf(text({ message: 'should be an array of strings' }), {
  message: 'should be an array of strings',
});

/** Report types that are a list of paths. `coverage_report` is the one with a form of its own. */
const REPORTS = [
  'accessibility',
  'annotations',
  'api_fuzzing',
  'browser_performance',
  'cluster_image_scanning',
  'codequality',
  'container_scanning',
  'coverage_fuzzing',
  'cyclonedx',
  'dast',
  'dependency_scanning',
  'dotenv',
  'junit',
  'license_scanning',
  'load_performance',
  'lsif',
  'metrics',
  'performance',
  'repository_xray',
  'requirements',
  'requirements_v2',
  'sarif',
  'sast',
  'secret_detection',
  'terraform',
] as const;

interface CoverageReport {
  coverage_format: 'cobertura' | 'jacoco';
  path: string;
}

const coverageReport: Entry<Fields<CoverageReport>> = record<CoverageReport>(
  {
    coverage_format: attribute(coverageFormat()),
    path: attribute(text({ blank: false })),
  },
  { required: ['coverage_format', 'path'] },
);

const EXPOSE_AS = /^\w[\w\- ]*$/;

interface ArtifactsKeys {
  name: string;
  paths: readonly string[];
  exclude: readonly string[];
  untracked: boolean;
  when: Artifacts['when'];
  expire_in: string;
  expose_as: string;
  public: boolean;
  access: Artifacts['access'];
  reports: Artifacts['reports'];
}

/** `artifacts`: what a job leaves behind for later jobs and for people. */
export const artifacts: Entry<Artifacts> = into(
  record<ArtifactsKeys>(
    {
      name: attribute(text()),
      paths: attribute(strings),
      exclude: attribute(strings),
      untracked: attribute(boolean),
      when: attribute(word<Artifacts['when']>(['on_success', 'on_failure', 'always'])),
      expire_in: attribute(durationText()),
      expose_as: attribute(matching(EXPOSE_AS, into(text({ maxLength: 100 }), checkedExposeAs))),
      public: attribute(boolean),
      access: attribute(word<Artifacts['access']>(['none', 'developer', 'maintainer', 'all'])),
      reports: checkedChild(reports(), (node) => node.kind === 'mapping', 'should be a hash'),
    },
    { exclusive: [['access', 'public']] },
  ),
  artifactsOf,
);

function artifactsOf({ values, spanOf }: Fields<ArtifactsKeys>, at: Position): Artifacts | undefined {
  if (values.expose_as !== undefined) {
    const paths = attributeOf(at, 'paths');
    if (values.paths === undefined || values.paths.length === 0)
      return complain(paths, spanOf('expose_as'), "can't be blank");
    if (values.paths.some((path) => path.includes('*'))) {
      return complain(paths, spanOf('paths'), "can't contain '*' when used with 'expose_as'");
    }
  }
  return {
    name: values.name ?? null,
    paths: values.paths ?? [],
    exclude: values.exclude ?? [],
    untracked: values.untracked ?? false,
    when: values.when ?? 'on_success',
    expireIn: values.expire_in ?? null,
    exposeAs: values.expose_as ?? null,
    access: values.access ?? (values.public === false ? 'developer' : 'all'),
    reports: values.reports ?? {},
  };
}

function checkedExposeAs(value: string, at: Position, node: Node) {
  if (EXPOSE_AS.test(value)) return value;
  return complain(at, node.span, "can contain only letters, digits, '-', '_' and spaces");
}

/** By type; a coverage report under the name of its format, as the runner protocol has it. */
function reports(): Entry<Artifacts['reports']> {
  const simple: Record<string, ReturnType<typeof attribute<readonly string[]>>> = {};
  for (const type of REPORTS) simple[type] = attribute(textOrTexts);
  const known = record<Record<string, readonly string[]>>({
    ...simple,
    coverage_report: child(into(coverageReport, coveragePaths)),
  });
  return into(known, ({ values }, _at, node) => {
    const found: Record<string, readonly string[]> = {};
    if (node.kind !== 'mapping') return found;
    for (const name of node.entries.keys()) {
      const value = values[name];
      if (value === undefined) continue;
      const [first = name, path] = name === 'coverage_report' ? value : [];
      found[first] = path === undefined ? value : [path];
    }
    return found;
  });
}

/** `[format, path]`, told apart by `reports`. */
function coveragePaths({ values }: Fields<CoverageReport>): readonly string[] {
  return [values.coverage_format ?? '', values.path ?? ''];
}

function coverageFormat(): Entry<CoverageReport['coverage_format']> {
  const formats = ['cobertura', 'jacoco'] as const;
  return {
    shape: { type: 'enum', values: formats },
    read(node, at) {
      const written = textOf(node);
      const found = formats.find((format) => format === written);
      return found ?? complain(at, node.span, `must be one of supported formats: ${formats.join(', ')}.`);
    },
  };
}
