import type { RunListener } from '../../local/index.ts';

/** Shows a run while it happens. */
export interface Display {
  /** The promise is the back-pressure: it resolves when the screen (or pipe) takes more. */
  readonly show: RunListener;
  /** Leaves the terminal as it was found; also after an interrupt. */
  close(): Promise<void>;
}

/** The part of a stream that a display writes to. */
export interface Screen {
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  write(text: string): boolean;
  once(event: 'drain', listener: () => void): unknown;
  on(event: 'resize', listener: () => void): unknown;
  off(event: 'resize', listener: () => void): unknown;
}

/** Writes and waits until the stream takes more. */
export async function writeTo(screen: Screen, text: string): Promise<void> {
  if (text === '' || screen.write(text)) return;
  await new Promise<void>((resolve) => screen.once('drain', resolve));
}
