import { gunzipSync, gzipSync } from 'node:zlib';
import type { Plan } from '../../pipeline/index.ts';

/** How a plan stands in the database: JSON, gzipped. The format is kept beside it, so that another may follow. */
export const PLAN_FORMAT = 'json+gzip';

export function packPlan(plan: Plan): Uint8Array {
  // Plans repeat themselves a lot: the quickest level makes a tenth of them already.
  return gzipSync(JSON.stringify(plan), { level: 1 });
}

/** Throws an Error for bytes that `packPlan` has not made. */
export function unpackPlan(format: string, bytes: Uint8Array): Plan {
  if (format !== PLAN_FORMAT) throw new Error(`A plan in the unknown format ${format}`);
  // What stands there was a Plan when it was packed: only `packPlan` writes this column.
  const plan: Plan = JSON.parse(gunzipSync(bytes).toString());
  if (plan.version !== 1) throw new Error(`A plan of the unknown version ${String(plan.version)}`);
  return plan;
}
