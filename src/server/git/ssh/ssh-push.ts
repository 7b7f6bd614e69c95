import { refuseAll, refusePush } from '../push-answer.ts';
import { decidePush } from '../push-decision.ts';
import { answerPush, type PushStart, startPush } from '../push-exchange.ts';
import { REF_RULES_VARIABLE } from '../ref-rules.ts';
import { writeTo } from '../write-to.ts';
import type { SshChannel } from './ssh-channel.ts';
import { type SshExchange, startSshGit } from './ssh-git.ts';

/**
 * A push is served as over HTTP, in two calls of git: the list of refs, and then, when it is known what the client wants
 * to change, the change itself. So both ways decide, understand and answer alike. The answer is the exit code.
 */
export async function servePush(exchange: SshExchange): Promise<number> {
  const { channel } = exchange;
  await listRefs(exchange);
  const push = await startPush(channel.input);
  if (push.kind === 'refused') {
    await writeTo(channel.output, refuseAll(push));
    if (push.hasMore) await drain(channel);
    return 1;
  }
  const { head } = push;
  // There was nothing to push.
  if (head.updates.length === 0) return 0;
  const decision = decidePush(head, exchange.repository);
  if (decision.kind === 'refused') {
    await writeTo(channel.output, refusePush(head, decision.reason, decision.lines));
    if (head.updates.some(({ after }) => after !== null)) await drain(channel);
    return 0;
  }
  const rules: Readonly<Record<string, string>> =
    decision.rules === '' ? {} : { [REF_RULES_VARIABLE]: decision.rules };
  const endPush = exchange.repositories.activity.begin(exchange.repository.project.id);
  const git = startSshGit(exchange, ['receive-pack', '--stateless-rpc'], rules);
  try {
    feed(git.child.stdin, push.start.bytes, channel);
    await answerPush({ ...exchange, head, decision, answer: git.child.stdout, out: channel.output });
    return (await git.ended) ?? 1;
  } finally {
    git.end();
    await git.ended;
    endPush();
  }
}

async function listRefs(exchange: SshExchange): Promise<void> {
  const told = startSshGit(exchange, ['receive-pack', '--stateless-rpc', '--http-backend-info-refs'], {});
  told.child.stdin.end();
  for await (const chunk of told.child.stdout) await writeTo(exchange.channel.output, chunk);
  if ((await told.ended) !== 0) throw new Error(`git receive-pack cannot list the refs: ${told.complaint()}`);
}

type Start = Extract<PushStart, { kind: 'head' }>['start'];

/**
 * Whoever goes away in the midst of a push has sent a part of it: the objects end with a checksum over all of them, so git
 * sees that, and ends by itself. What came whole is carried out and recorded, even if nobody waits for the answer.
 */
function feed(stdin: NodeJS.WritableStream, start: Start['bytes'], { input }: SshChannel): void {
  stdin.write(start);
  input.pipe(stdin);
}

/** A client reads its answer only when it has sent everything. Without objects it sends nothing more. */
async function drain({ input }: SshChannel): Promise<void> {
  for await (const _ of input);
}
