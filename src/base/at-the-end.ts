const works: (() => void)[] = [];
let isInstalled = false;

/**
 * Has `work` done when the process ends, by itself or by a signal, the last first. Answers with what takes it back.
 * A signal that nobody else listens to ends the process as it would have without this.
 */
export function atTheEnd(work: () => void): () => void {
  install();
  works.push(work);
  return () => {
    const at = works.lastIndexOf(work);
    if (at !== -1) works.splice(at, 1);
  };
}

function install(): void {
  if (isInstalled) return;
  isInstalled = true;
  process.once('exit', doAll);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      doAll();
      if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
    });
  }
}

function doAll(): void {
  for (let work = works.pop(); work !== undefined; work = works.pop()) work();
}
