import { fork } from 'node:child_process';
import { once } from 'node:events';

/** What a process of runners is to do. */
export interface FleetOrder {
  readonly address: string;
  readonly token: string;
  readonly runners: number;
  /** What the names of its machines begin with. */
  readonly name: string;
  /** Sent of each job before its end; empty: nothing. */
  readonly log: string;
}

/** A job that was given to a runner: when all bytes of the answer were there, in milliseconds since 1970. */
export type GivenJob = readonly [id: number, at: number];

export type FleetReport =
  | { readonly type: 'ready' }
  | { readonly type: 'jobs'; readonly given: readonly GivenJob[]; readonly done: number };

/** Runners in processes of their own, as bare connections: what they cost is not the server's. */
export interface Fleet extends AsyncDisposable {
  /** All jobs given to them so far. */
  readonly given: readonly GivenJob[];
  /** Of so many the end has been acknowledged. */
  done(): number;
}

/** Answers when all of them have been told that there is nothing, and wait. */
export async function startFleet(order: FleetOrder, processes: number): Promise<Fleet> {
  const given: GivenJob[] = [];
  const done = new Map<number, number>();
  const children = await Promise.all(
    Array.from({ length: processes }, async (_, at) => {
      const child = fork(new URL('fleet-process.ts', import.meta.url), { serialization: 'advanced' });
      const ready = Promise.withResolvers<void>();
      child.on('message', (report: FleetReport) => {
        if (report.type === 'ready') return ready.resolve();
        given.push(...report.given);
        done.set(at, report.done);
      });
      child.on('exit', () => ready.reject(new Error('A process of runners has ended')));
      const own: FleetOrder = {
        ...order,
        runners: Math.round(order.runners / processes),
        name: `${order.name}_${at}`,
      };
      child.send(own);
      await ready.promise;
      return child;
    }),
  );
  return {
    given,
    done: () => [...done.values()].reduce((sum, count) => sum + count, 0),
    async [Symbol.asyncDispose]() {
      for (const child of children) {
        const ended = once(child, 'exit');
        child.disconnect();
        await ended;
      }
    },
  };
}
