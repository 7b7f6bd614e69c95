import { findComponent } from './find-component.ts';
import { findLocal } from './find-local.ts';
import { findOfProject } from './find-of-project.ts';
import { findRemote } from './find-remote.ts';
import { findTemplate } from './find-template.ts';
import { type Fault, type Finding, type FoundFile, fault } from './found-file.ts';
import type { IncludeStatement } from './include-statement.ts';

/**
 * The files that an include names, in the order in which they are merged; a fault for all of them, or for each. Nothing
 * is reported: whoever asks ahead of time throws the answer away.
 */
export async function findFiles(
  finding: Finding,
  statement: IncludeStatement,
): Promise<readonly (FoundFile | Fault)[]> {
  switch (statement.kind) {
    case 'local':
      return findLocal(finding, statement);
    case 'project':
      return findOfProject(finding, statement);
    case 'remote':
      return [findRemote(finding, statement)];
    case 'template':
      return [findTemplate(finding, statement)];
    case 'component':
      return [await findComponent(finding, statement)];
    case 'artifact':
      return [
        fault(
          'invalid-include',
          'Including configs from artifacts is only allowed when triggering child pipelines',
          'It goes below `trigger` of a job: `trigger: {include: [{artifact: …, job: …}]}`.',
        ),
      ];
  }
}
