import type { BuildJob } from '../../pipeline/index.ts';
import type { PipelineContext } from '../context.ts';
import type { MappingNode } from '../document/index.ts';
import type { ValueReader } from './buildspec-values.ts';
import { BUILDSPEC, PROXY } from './language/buildspec.ts';
import { readCaches } from './read-caches.ts';
import { codebuildVariables, readEnvironment } from './read-environment.ts';
import { readOutputs } from './read-outputs.ts';
import { readPhases } from './read-phases.ts';
import { phasesScript } from './script/phases-script.ts';

/** The one job of a build that is in no batch, and the one stage of all. */
export const BUILD_JOB = 'build';

/**
 * The build that a buildspec describes, as a job whose script is made of the phases. What the file says about a batch is
 * not looked at: CodeBuild passes over it in each single build, too.
 */
export function readBuild(root: MappingNode, context: PipelineContext, read: ValueReader): BuildJob {
  const version = checkHead(root, read);
  warnOfProxy(root, read);
  const { shell, variables, secrets, exported } = readEnvironment(root, version, read);
  const phases = readPhases(root, version, read);
  const { artifacts, script } = readOutputs(root, exported, read);
  return {
    kind: 'build',
    name: BUILD_JOB,
    stage: BUILD_JOB,
    when: 'on_success',
    startInSeconds: null,
    allowFailure: false,
    allowFailureExitCodes: [],
    interruptible: false,
    needs: null,
    variables: { ...codebuildVariables(context), ...variables },
    resourceGroup: null,
    environment: null,
    manualConfirmation: null,
    parallel: null,
    beforeScript: null,
    script: [phasesScript({ version, shell, phases, exported, artifacts: script })],
    afterScript: null,
    preGetSourcesScript: null,
    tags: [],
    image: null,
    services: [],
    caches: readCaches(root, read),
    artifacts,
    dependencies: null,
    outsideNeeds: [],
    retry: null,
    timeoutSeconds: null,
    coverage: null,
    carried: {},
    ...(Object.keys(secrets).length === 0 ? {} : { secretVariables: secrets }),
  };
}

/** The keys and the version of a buildspec. */
export function checkHead(root: MappingNode, read: ValueReader): '0.1' | '0.2' {
  read.known(root, 'A buildspec', BUILDSPEC);
  const version = read.text(root, 'version');
  if (version === null) {
    read.error(root, 'A buildspec needs a version', 'Write `version: 0.2` in its first line.');
    return '0.2';
  }
  if (version.text === '0.1' || version.text === '0.2') return version.text;
  read.error(version.node, 'version should be 0.1 or 0.2');
  return '0.2';
}

function warnOfProxy(root: MappingNode, read: ValueReader): void {
  const proxy = read.mapping(root, 'proxy');
  read.known(proxy, 'proxy', PROXY);
  if (proxy !== null) read.notActedOn(proxy, 'proxy: nothing is uploaded from here');
}
