import { AppError } from '../base/app-error.ts';
import { printable } from '../base/printable.ts';
import { shownAddress } from '../base/shown-address.ts';
import type { PipelineContext, Sources } from '../config/index.ts';
import { serverAt } from '../includes/index.ts';
import { openSources } from '../local/index.ts';
import { givenProjects } from './given-projects.ts';
import type { Io } from './io.ts';
import type { ValueOptions } from './pipeline-options.ts';

/**
 * Where the files of a pipeline come from, as the options say.
 *
 * @throws AppError `bad-option`
 */
export async function givenSources(
  io: Io,
  options: ValueOptions,
  root: string,
  context: PipelineContext,
): Promise<Sources> {
  const { server = null, refresh = false, offline = false } = options;
  if (refresh && offline) {
    throw new AppError('bad-option', '--refresh fetches and --offline does not: give one of them.');
  }
  if (server !== null && serverAt(server) === null) {
    throw new AppError('bad-option', `--server ${shownAddress(server)} is no address of a server.`, {
      hint: 'For example: --server https://gitlab.example.com, or ssh://git@gitlab.example.com.',
    });
  }
  return openSources({
    root,
    ownPath: context.project.path,
    server,
    checkouts: await givenProjects(io, options),
    allowedHosts: options.allowHost,
    mode: refresh ? 'refresh' : offline ? 'offline' : 'normal',
    environment: io.environment,
    warn: (message) => io.stderr.write(`warning: ${printable(message)}\n`),
  });
}
