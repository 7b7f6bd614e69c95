import type { MergeRequest } from '../../../store/index.ts';
import { Refusal } from '../../runner-api/refusal.ts';

/** A merge request that is there; 404 for one that is not. */
export function found(request: MergeRequest | null): MergeRequest {
  if (request === null) throw new Refusal(404, '404 Merge Request Not Found');
  return request;
}
