export type * from './ast.ts';
export type { EvaluatedClause, Value } from './evaluate.ts';
export { evaluate, evaluateTraced, inputsOf, isTruthy, showValue } from './evaluate.ts';
export type { ParseResult } from './parse.ts';
export { parseExpression } from './parse.ts';
