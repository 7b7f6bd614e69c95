import type { PushReceiver } from '../git/index.ts';

/** A receiver of pushes that remembers when it could not record one: git has taken it, and its author was told so. */
export interface UnrecordedPushes {
  readonly receiver: PushReceiver;
  /** Looks for them, if there are any; until that has succeeded there are. */
  catchUp(look: () => Promise<void>): Promise<void>;
}

export function rememberUnrecorded(receiver: PushReceiver): UnrecordedPushes {
  let failures = 0;
  let caughtUp = 0;
  return {
    receiver: {
      async pushed(push) {
        try {
          return await receiver.pushed(push);
        } catch (error) {
          failures += 1;
          throw error;
        }
      },
    },
    async catchUp(look) {
      const until = failures;
      if (until === caughtUp) return;
      await look();
      caughtUp = until;
    },
  };
}
