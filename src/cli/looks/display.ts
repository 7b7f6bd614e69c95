import type { RunListener } from '../../local/index.ts';

/** Shows a run while it happens. */
export interface Display {
  /** The promise is the back-pressure: it resolves when the screen (or pipe) takes more. */
  readonly show: RunListener;
  /** Leaves the terminal as it was found; also after an interrupt. */
  close(): Promise<void>;
}

type ScreenEvent = 'drain' | 'resize' | 'error';

/** The part of a stream that a display writes to. */
export interface Screen {
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  /** False once the reader is gone. */
  readonly writable?: boolean;
  write(text: string): boolean;
  on(event: ScreenEvent, listener: () => void): unknown;
  off(event: ScreenEvent, listener: () => void): unknown;
}

/** Writes and waits until the stream takes more. What nobody reads any more is dropped. */
export async function writeTo(screen: Screen, text: string): Promise<void> {
  if (text === '' || screen.writable === false || screen.write(text)) return;
  await new Promise<void>((resolve) => {
    function settle(): void {
      screen.off('drain', settle);
      screen.off('error', settle);
      resolve();
    }
    screen.on('drain', settle);
    screen.on('error', settle);
  });
}
