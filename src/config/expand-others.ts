import type { PipelineContext } from './context.ts';
import { placeOf, printYaml, printYamlLines, toJson } from './document/index.ts';
import { type ExpandedConfig, originsOf } from './gitlab/expand.ts';
import { maskJson, maskNode, maskOf } from './gitlab/mask.ts';
import type { PipelineReading } from './reading.ts';

/**
 * A file of a language without includes and templates with all filled in that is filled in when it is read:
 * substitutions, anchors. null where it could not be read.
 */
export function expandFilledIn(
  { filledIn }: Pick<PipelineReading, 'filledIn'>,
  context: PipelineContext,
): ExpandedConfig | null {
  if (filledIn === null) return null;
  const mask = maskOf(context);
  const masked = maskNode(filledIn(), mask);
  return {
    yaml: () => printYaml(masked),
    lines: () =>
      printYamlLines(masked).map(({ text, block, span }) => ({
        text,
        block,
        place: placeOf(span),
        steps: [],
      })),
    json: () => toJson(masked),
    origins: () => maskJson(originsOf(masked), mask),
  };
}
