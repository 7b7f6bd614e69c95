import type { AutoCancel } from '../../../pipeline/index.ts';
import type { ParsedRule, ParsedWorkflow } from '../parsed.ts';
import { attribute, child, into, record } from './collections.ts';
import type { Entry } from './entry.ts';
import { autoCancel, workflowRules } from './rules.ts';
import { text } from './scalars.ts';

interface WorkflowKeys {
  name: string;
  rules: readonly ParsedRule[];
  auto_cancel: Partial<AutoCancel>;
}

export const NO_WORKFLOW: ParsedWorkflow = {
  name: null,
  rules: null,
  autoCancel: { onNewCommit: 'conservative', onJobFailure: 'none' },
};

/** `workflow`: whether there is a pipeline, its name, and what a newer one does to it. */
export const workflow: Entry<ParsedWorkflow> = into(
  record<WorkflowKeys>({
    name: attribute(text({ maxLength: 255 })),
    rules: child(workflowRules),
    auto_cancel: child(autoCancel),
  }),
  ({ values }) => ({
    name: values.name ?? null,
    rules: values.rules ?? null,
    autoCancel: { ...NO_WORKFLOW.autoCancel, ...values.auto_cancel },
  }),
);
