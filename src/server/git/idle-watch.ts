/** Ends an exchange that does not move. */
export interface IdleWatch {
  /** That many bytes were taken from or given to the other side. */
  moved(bytes: number): void;
  stop(): void;
}

/**
 * Calls `onIdle` once when in one whole period fewer than `minBytes` moved. git itself says something every five seconds
 * while it works (`keepAlive` in repository-config.ts), so who is slow is the other side.
 */
export function watchIdle(periodMs: number, minBytes: number, onIdle: () => void): IdleWatch {
  let bytes = 0;
  const timer = setInterval(() => {
    if (bytes < minBytes) {
      clearInterval(timer);
      onIdle();
    }
    bytes = 0;
  }, periodMs);
  return {
    moved(count) {
      bytes += count;
    },
    stop: () => clearInterval(timer),
  };
}
