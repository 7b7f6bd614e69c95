import type { RunPipelineOptions } from '../commands/pipeline.ts';
import { EXIT } from '../exit-codes.ts';

import { givenVariables } from '../given-variables.ts';
import { type Io, print } from '../io.ts';
import { parseInputs } from '../open-pipeline.ts';
import { openRemoteProject } from './open-remote.ts';
import { showJson } from './show-table.ts';
import { watchUntilInterrupted } from './watch.ts';

/** What `slipway pipeline run` does. */
export async function runPipeline(
  io: Io,
  ref: string | undefined,
  options: RunPipelineOptions,
  color: boolean,
): Promise<number> {
  const variables = Object.entries(await givenVariables(io, options)).map(([key, { value }]) => ({
    key,
    value,
  }));
  const inputs = parseInputs(options.input);
  const remote = await openRemoteProject(io, options);
  const { client, schemas, at, project } = remote;
  const pipeline = await client.send('POST', `${at}/pipeline`, schemas.RestPipelineDetails, {
    ref: ref ?? project.default_branch,
    ...(variables.length === 0 ? {} : { variables }),
    ...(Object.keys(inputs).length === 0 ? {} : { inputs }),
  });
  if (options.watch === true) {
    await print(io.stderr, `Pipeline ${pipeline.id}: ${pipeline.web_url}\n`);
    return watchUntilInterrupted(io, remote, { pipelineId: pipeline.id, fromStart: true }, options, color);
  }
  if (options.json === true) await showJson(io, pipeline);
  else await print(io.stdout, `Pipeline ${pipeline.id} for ${pipeline.ref}\n${pipeline.web_url}\n`);
  return EXIT.success;
}
