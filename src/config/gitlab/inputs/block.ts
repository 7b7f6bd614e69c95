import { type AccessScope, readAccess } from './access.ts';
import { type BlockResult, failed } from './block-result.ts';
import { applyFunctions, type FunctionScope } from './functions.ts';

/** What a block can reach. */
export interface BlockScope extends AccessScope, FunctionScope {}

const MAX_FUNCTIONS = 3;

/** Evaluates what stands between `$[[` and `]]`: an input, and up to three functions its value goes through. */
export function evaluateBlock(content: string, scope: BlockScope): BlockResult {
  const [access = '', ...functions] = partsOf(content);
  const result = readAccess(access, scope);
  if (!result.ok) return result;
  if (functions.length > MAX_FUNCTIONS) return failed('too many functions in interpolation block');
  return applyFunctions(functions, result.value, scope);
}

/** What stands between the bars; nothing behind the last one is no part. */
function partsOf(content: string): readonly string[] {
  const parts = content.split('|');
  while (parts.length > 1 && parts.at(-1) === '') parts.pop();
  return parts.map((part) => part.trim());
}
