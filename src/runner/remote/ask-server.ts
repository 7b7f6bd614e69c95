import type { RegisterRequest } from '../../protocol/index.ts';
import { connectToServer } from './server/connection.ts';
import { createRunnerCalls, type RunnerCalls, registerRunner } from './server/runner-calls.ts';
import { describeRunner } from './server/runner-description.ts';

/** A server, and who asks it. */
export interface ServerQuestion {
  readonly url: string;
  /** The runner's own; to register in the old form: the token that many share. */
  readonly token: string;
  readonly systemId: string;
  readonly version: string;
  readonly executor: 'auto' | 'shell' | 'docker';
  /** Where proxies are named. */
  readonly environment: NodeJS.ProcessEnv;
  /** Certificates (PEM) to trust besides those of the system. */
  readonly certificates: string | null;
}

export function verify(question: ServerQuestion) {
  return ask(question, (calls) => calls.verify());
}

export function unregister(question: ServerQuestion) {
  return ask(question, (calls) => calls.unregister());
}

export async function register(question: ServerQuestion, wanted: Omit<RegisterRequest, 'token' | 'info'>) {
  using connection = connectToServer(question);
  const info = describeRunner(question.version, question.executor);
  return await registerRunner(connection, { ...wanted, token: question.token, info });
}

async function ask<Answer>(
  question: ServerQuestion,
  call: (calls: RunnerCalls) => Promise<Answer>,
): Promise<Answer> {
  using connection = connectToServer(question);
  const info = describeRunner(question.version, question.executor);
  return await call(createRunnerCalls(connection, question, info));
}
