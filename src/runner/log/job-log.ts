/**
 * The log of one job, from whoever writes it (a script's output, the runner itself) to whoever keeps it.
 *
 * Bytes go through secret masking first, then to the sink. `write` resolves when more may be written: writers await it,
 * and that is the back-pressure which keeps a job that prints faster than the sink can keep from filling the memory.
 */
export interface JobLog {
  /** Output of the job: raw bytes, cut anywhere. */
  write(bytes: Uint8Array): Promise<void>;
  /** A line of the runner's own. */
  line(text: string, look?: 'plain' | 'info' | 'warning' | 'error'): Promise<void>;
  /** Opens a section in GitLab's log format; the name is one of [a-zA-Z0-9_.-]. */
  sectionStart(name: string, header: string): Promise<void>;
  sectionEnd(name: string): Promise<void>;
  /** From now on this value never appears in the log. */
  mask(secret: string): void;
}

/** Where a job's masked log ends: a file, the terminal, the server. */
export interface LogSink {
  write(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}
