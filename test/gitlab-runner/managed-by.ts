import { docker } from '../docker/docker-world.ts';
import { command } from '../world/command.ts';

const LABEL = 'com.gitlab.gitlab-runner';

/**
 * What the official runner with this token has made in the engine and not taken away.
 *
 * @param list the command of docker that lists things of one kind
 */
export async function managedBy(token: string, list: readonly string[]): Promise<readonly string[]> {
  const name = list[0] === 'volume' ? '.Name' : '.ID';
  const lines = await docker(
    ...list,
    ...['--filter', `label=${LABEL}.managed=true`],
    ...['--format', `{{${name}}} {{.Label "${LABEL}.runner.id"}}`],
  );
  // A runner is called by a short piece of its token.
  return lines
    .split('\n')
    .map((line) => line.split(' '))
    .flatMap(([id = '', runner = '']) => (runner !== '' && token.includes(runner) ? [id] : []));
}

/** Takes all of it away: the caches that it keeps for the next job, and what it was killed over. */
export async function removeManagedBy(token: string): Promise<void> {
  const kinds = [
    { list: ['container', 'ls', '--all'], remove: ['container', 'rm', '--force'] },
    { list: ['volume', 'ls'], remove: ['volume', 'rm'] },
    { list: ['network', 'ls'], remove: ['network', 'rm'] },
  ];
  for (const { list, remove } of kinds) {
    // The engine may still be at what the runner itself asked for last; removing that is refused, until it is gone.
    for (let tries = 0, left = await managedBy(token, list); left.length > 0; tries += 1) {
      const { stderr } = await command('docker', [...remove, ...left]);
      left = await managedBy(token, list);
      if (tries === 20 && left.length > 0) throw new Error(`${left.join(' ')} cannot be removed: ${stderr}`);
      if (left.length > 0) await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
}
