export type { TextRange } from './event-ranges.ts';
export { createExpandedSize, type ExpandedSize } from './expanded-size.ts';
export { formatProblem } from './format-problem.ts';
export { MAX_DEPTH, MAX_NODES } from './limits.ts';
export type * from './node.ts';
export { type ParsedDocuments, parseDocuments } from './parse-documents.ts';
export { placeOf } from './place.ts';
export { printYaml, printYamlLines, type YamlLine } from './print-yaml.ts';
export { type ProblemDetails, problemAt } from './problem-at.ts';
export { scalarText } from './resolve-scalar.ts';
export { toJson } from './to-json.ts';
export {
  parseWritten,
  type WrittenMapping,
  type WrittenNode,
  type WrittenPair,
  type WrittenReading,
  type WrittenScalar,
} from './written.ts';
