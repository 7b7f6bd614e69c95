import type { BuildJob } from '../../pipeline/index.ts';
import type { Remark } from './conversion.ts';
import { programOf } from './image-programs.ts';

/** What steps find on the machine of their build service, and no runner has unasked: a Docker daemon, an account. */
export function remarksOnMachine(job: BuildJob): readonly Remark[] {
  const program = programRun(job);
  const remark = (key: string, text: string): Remark => ({ job: job.name, key, kind: 'dropped', text });
  if (program === 'docker')
    return [
      remark(
        'services',
        'It needs a Docker daemon, for example the service `docker:dind`, and a login where it pushes or pulls.',
      ),
    ];
  if (!ACCOUNT.has(program)) return [];
  return [remark('account', `${program} acted with the account of the build: give the job credentials.`)];
}

const ACCOUNT: ReadonlySet<string> = new Set(['gcloud', 'gsutil', 'gke-deploy', 'kubectl', 'twine']);

function programRun({ command, image, script, sharedWorkspace }: BuildJob): string {
  if (sharedWorkspace === undefined) return '';
  if (command === undefined) return script[0]?.split(' ')[0] ?? '';
  const known = programOf(image?.name ?? '');
  return command.program ?? (known === null || known === '' ? (command.arguments?.[0] ?? '') : known);
}
