import { expandVariables } from '../../base/expand-variables.ts';
import type { AutoCancel } from '../../pipeline/index.ts';
import type { ParsedWorkflow } from './parsed.ts';
import { firstMatch, type RuleScope } from './rules.ts';
import { NO_VARIABLES, type VariableMap, type VariableScope } from './variables.ts';

/** What `workflow` decides about a whole pipeline. */
export type WorkflowOutcome =
  | { readonly kind: 'filtered' }
  | { readonly kind: 'fault'; readonly message: string }
  | {
      readonly kind: 'run';
      /** Of the rule that matched: they stand above the root variables. */
      readonly variables: VariableMap;
      readonly autoCancel: AutoCancel;
    };

/** Without rules every pipeline runs; with them the first that matches decides, and none means no pipeline. */
export async function judgeWorkflow(workflow: ParsedWorkflow, scope: RuleScope): Promise<WorkflowOutcome> {
  const { autoCancel } = workflow;
  if (workflow.rules === null) return { kind: 'run', variables: NO_VARIABLES, autoCancel };
  const { rule, fault } = await firstMatch(workflow.rules, scope);
  if (fault !== null) return { kind: 'fault', message: fault };
  if (rule === null || rule.when === 'never') return { kind: 'filtered' };
  return { kind: 'run', variables: rule.variables, autoCancel: { ...autoCancel, ...rule.autoCancel } };
}

/** `workflow:name` with its variables put in; null when nothing is left of it. */
export function pipelineName(workflow: ParsedWorkflow, scope: VariableScope): string | null {
  if (workflow.name === null) return null;
  const name = expandVariables(workflow.name, scope.lookupExpanded, 'empty').trim();
  return name === '' ? null : name;
}
