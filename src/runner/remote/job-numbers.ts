/** Numbers for the jobs that run at once, from 0, the lowest that is free: for what each needs a part of its own. */
export interface JobNumbers {
  take(): number;
  give(number: number): void;
}

export function createJobNumbers(): JobNumbers {
  const taken = new Set<number>();
  return {
    take() {
      let number = 0;
      while (taken.has(number)) number += 1;
      taken.add(number);
      return number;
    },
    give: (number) => void taken.delete(number),
  };
}
