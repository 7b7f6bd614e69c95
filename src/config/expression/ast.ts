import type { Regex } from '../../base/regex.ts';

/** An expression of `rules:if`, `only:variables` or `spec:inputs:rules`. Offsets are into its text, half-open. */
export type Expression = Operand | NotExpression | ComparisonExpression | LogicalExpression;

export type Operand =
  | { readonly kind: 'variable'; readonly name: string; readonly start: number; readonly end: number }
  /** `$[[ inputs.name ]]` */
  | { readonly kind: 'input'; readonly name: string; readonly start: number; readonly end: number }
  | { readonly kind: 'string'; readonly value: string; readonly start: number; readonly end: number }
  | { readonly kind: 'pattern'; readonly regex: Regex; readonly start: number; readonly end: number }
  | { readonly kind: 'boolean'; readonly value: boolean; readonly start: number; readonly end: number }
  | { readonly kind: 'null'; readonly start: number; readonly end: number };

export interface NotExpression {
  readonly kind: 'not';
  readonly operand: Expression;
  readonly start: number;
  readonly end: number;
}

export interface ComparisonExpression {
  readonly kind: 'comparison';
  readonly operator: ComparisonOperator;
  readonly left: Expression;
  readonly right: Expression;
  readonly start: number;
  readonly end: number;
}

export type ComparisonOperator = '==' | '!=' | '=~' | '!~';

export interface LogicalExpression {
  readonly kind: 'logical';
  readonly operator: '&&' | '||';
  readonly left: Expression;
  readonly right: Expression;
  readonly start: number;
  readonly end: number;
}
