import type { Problem } from '../../base/problem.ts';
import type { Volume } from '../../pipeline/index.ts';
import { type MappingNode, type Node, problemAt } from '../document/index.ts';
import { mappingIn, mappingsIn, textIn } from './language/values.ts';

/** The home folder of all steps, where builders keep credentials and settings for each other. */
export const HOME: Volume = { name: 'builder-home', path: '/builder/home' };
/** Where a step may write a file `output`; each has its own. */
export const OUTPUTS = '/builder/outputs';

const RESERVED: ReadonlySet<string> = new Set(['/workspace', HOME.path, OUTPUTS, '/var/run/docker.sock']);
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

export interface BuildVolumes {
  /** What a step sees: those of `options`, and its own. */
  of(step: MappingNode, place: string): readonly Volume[];
  /** Reports those that only one step sees; called when all steps are read. */
  checkShared(): void;
}

/** The volumes of a build, checked as the service does. */
export function readVolumes(build: MappingNode, problems: Problem[]): BuildVolumes {
  const uses = new Map<string, { count: number; readonly node: Node }>();
  const said = new Set<Node>();
  const report = (node: Node, message: string): void => {
    if (said.has(node)) return;
    said.add(node);
    problems.push(problemAt(node.span, { code: 'cloudbuild-volume', message }));
  };
  const forAll = mappingsIn(mappingIn(build, 'options'), 'volumes');
  return {
    of(step, place) {
      const seen = new Map<string, Volume>();
      for (const mapping of [...forAll, ...mappingsIn(step, 'volumes')]) {
        const name = textIn(mapping, 'name');
        const path = textIn(mapping, 'path');
        if (name === null || path === null) continue;
        const clean = path.text.replace(/(?<=.)\/+$/, '');
        const fault = faultOf(name.text, clean, seen, place);
        if (fault !== null) {
          report(fault.at === 'name' ? name.node : path.node, fault.message);
          continue;
        }
        seen.set(name.text, { name: name.text, path: clean });
        const use = uses.get(name.text) ?? { count: 0, node: name.node };
        use.count += 1;
        uses.set(name.text, use);
      }
      return [...seen.values()];
    },
    checkShared() {
      for (const [name, { count, node }] of uses)
        if (count < 2) report(node, `Only one step uses the volume ${name}: it must be two or more`);
    },
  };
}

function faultOf(
  name: string,
  path: string,
  seen: ReadonlyMap<string, Volume>,
  place: string,
): { readonly at: 'name' | 'path'; readonly message: string } | null {
  if (!NAME.test(name))
    return {
      at: 'name',
      message: `${JSON.stringify(name)} is no name of a volume: letters, digits, _ . and -`,
    };
  if (seen.has(name)) return { at: 'name', message: `${place} has the volume ${name} twice` };
  if (!path.startsWith('/'))
    return { at: 'path', message: `The path of the volume ${name} should be absolute` };
  if (RESERVED.has(path)) return { at: 'path', message: `${path} is a folder of the build itself` };
  if ([...seen.values()].some((volume) => volume.path === path))
    return { at: 'path', message: `${place} has two volumes at ${path}` };
  return null;
}
