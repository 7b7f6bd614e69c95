/** The answer to a question, which is asked once however often, and however early, it is wanted. */
export function remembered<T>(
  answers: Map<string, Promise<T>>,
  key: string,
  ask: () => Promise<T>,
): Promise<T> {
  const known = answers.get(key) ?? ask();
  answers.set(key, known);
  return known;
}
