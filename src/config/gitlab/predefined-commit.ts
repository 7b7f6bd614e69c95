import { slugify } from '../../base/slug.ts';
import type { PipelineContext } from '../context.ts';

/** The predefined variables about the commit and the ref, as lib/gitlab/ci/variables/builder/pipeline.rb has them. */
export function commitVariables({
  commit,
  ref,
  mergeRequest,
}: PipelineContext): readonly (readonly [string, string])[] {
  const isTooLong = Buffer.byteLength(commit.message) > MAX_MESSAGE_BYTES;
  const cut = (text: string) => (isTooLong ? cutToBytes(text, MAX_MESSAGE_BYTES) : text);
  const { title, description } = splitMessage(commit.message);
  const pairs: [string, string][] = [
    ['CI_COMMIT_SHA', commit.sha],
    ['CI_COMMIT_SHORT_SHA', commit.sha.slice(0, 8)],
    ['CI_COMMIT_BEFORE_SHA', commit.beforeSha],
    ['CI_BUILD_BEFORE_SHA', commit.beforeSha],
    ['CI_COMMIT_REF_NAME', ref.name],
    ['CI_COMMIT_REF_SLUG', slugify(ref.name)],
    ['CI_COMMIT_REF_PROTECTED', String(ref.protected)],
    ['CI_COMMIT_MESSAGE', cut(commit.message)],
    ['CI_COMMIT_MESSAGE_IS_TRUNCATED', String(isTooLong)],
    ['CI_COMMIT_TITLE', cut(title)],
    ['CI_COMMIT_DESCRIPTION', cut(description)],
    ['CI_COMMIT_AUTHOR', commit.author],
    ['CI_COMMIT_TIMESTAMP', commit.timestamp],
    // Empty unless the author is known to the server by a public address: here nobody is.
    ['CI_COMMIT_USER_LOGIN', ''],
  ];
  if (ref.kind === 'branch' && mergeRequest === null) pairs.push(['CI_COMMIT_BRANCH', ref.name]);
  if (commit.defaultBranchBase !== null) {
    pairs.push(['CI_COMMIT_DEFAULT_BRANCH_BASE_SHA', commit.defaultBranchBase]);
  }
  if (ref.kind === 'tag') {
    pairs.push(['CI_COMMIT_TAG', ref.name], ['CI_COMMIT_TAG_MESSAGE', commit.tagMessage ?? '']);
  }
  return pairs;
}

/**
 * A commit's title and description by app/models/commit.rb: the first line, and all that comes after it but one line
 * break at the end. Under a title of 100 characters or more the description is the whole message.
 */
export function splitMessage(message: string): { readonly title: string; readonly description: string } {
  if (message.trim() === '') return { title: NO_MESSAGE, description: NO_MESSAGE };
  const [title = ''] = message.split(/[\r\n]/, 1);
  if ([...title].length >= 100) return { title, description: message };
  const end = message.indexOf('\n');
  return { title, description: end === -1 ? '' : message.slice(end + 1).replace(/\r?\n$/, '') };
}

const NO_MESSAGE = 'No commit message';

/** A longer message would be too much for some shells' environment. */
const MAX_MESSAGE_BYTES = 100_000;

/** No more than whole characters. */
function cutToBytes(text: string, bytes: number): string {
  return new TextDecoder().decode(Buffer.from(text).subarray(0, bytes), { stream: true });
}
