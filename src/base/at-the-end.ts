interface Work {
  readonly carryOut: () => void;
  readonly onlyAtTheVeryEnd: boolean;
}

const works: Work[] = [];
let isInstalled = false;

/**
 * Has `carryOut` done when the process ends, by itself or by a signal, the last first. Answers with what takes it back.
 * A signal that nobody else listens to ends the process as it would have without this. `onlyAtTheVeryEnd`: not at a
 * signal that somebody else deals with, who may have something to finish before.
 */
export function atTheEnd(carryOut: () => void, { onlyAtTheVeryEnd = false } = {}): () => void {
  install();
  const work = { carryOut, onlyAtTheVeryEnd };
  works.push(work);
  return () => {
    const at = works.lastIndexOf(work);
    if (at !== -1) works.splice(at, 1);
  };
}

function install(): void {
  if (isInstalled) return;
  isInstalled = true;
  process.once('exit', () => carryOut(() => true));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      const isOurs = process.listenerCount(signal) === 0;
      carryOut(({ onlyAtTheVeryEnd }) => isOurs || !onlyAtTheVeryEnd);
      if (isOurs) process.kill(process.pid, signal);
    });
  }
}

function carryOut(isDue: (work: Work) => boolean): void {
  const due = works.filter(isDue);
  works.splice(0, works.length, ...works.filter((work) => !due.includes(work)));
  for (const work of due.reverse()) work.carryOut();
}
