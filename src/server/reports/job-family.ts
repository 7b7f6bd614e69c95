/**
 * The name of a job without the number that `parallel: 4` gives it (`test 1/4` is of `test`). The values that a matrix
 * gives stay: they run the same tests somewhere else.
 */
export function jobFamily(name: string): string {
  return /^(.+?) \d+\/\d+$/s.exec(name)?.[1] ?? name;
}
