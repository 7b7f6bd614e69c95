import {
  type CompletionItem,
  CompletionItemKind,
  type Connection,
  type Hover,
} from 'vscode-languageserver/node';
import { type Completion, complete } from '../features/completion.ts';
import { hover } from '../features/hover.ts';
import { type Asking, askAt, rangeOf } from './ask.ts';

/** Connects completion and hover with the features that answer them. */
export function answerCompletion({
  connection,
  ...asking
}: Asking & { readonly connection: Connection }): void {
  connection.onCompletion(async (params, token) => {
    const question = await askAt(asking, params);
    if (question === null || token.isCancellationRequested) return null;
    const { file, offset, project } = question;
    const found = complete(question, offset, await project.files.list());
    return found.map((completion, index): CompletionItem => {
      const { label, detail, text, insert, range } = completion;
      return {
        label,
        kind: KINDS[completion.kind],
        detail,
        ...(text === '' ? {} : { documentation: { kind: 'markdown', value: text } }),
        sortText: String(index).padStart(5, '0'),
        filterText: label,
        textEdit: { range: rangeOf(file, range), newText: insert },
      };
    });
  });

  connection.onHover(async (params): Promise<Hover | null> => {
    const question = await askAt(asking, params);
    if (question === null) return null;
    const answer = await hover(question, question.offset);
    if (answer === null) return null;
    const contents = { kind: 'markdown', value: answer.markdown } as const;
    return { contents, range: rangeOf(question.file, answer.range) };
  });
}

const KINDS: Readonly<Record<Completion['kind'], CompletionItemKind>> = {
  keyword: CompletionItemKind.Property,
  word: CompletionItemKind.EnumMember,
  job: CompletionItemKind.Function,
  template: CompletionItemKind.Class,
  stage: CompletionItemKind.Module,
  variable: CompletionItemKind.Variable,
  input: CompletionItemKind.Field,
  file: CompletionItemKind.File,
  anchor: CompletionItemKind.Reference,
};
