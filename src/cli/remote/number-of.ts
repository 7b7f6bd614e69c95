import { AppError } from '../../base/app-error.ts';

/** An id as it stands in addresses and lists; `#42` is 42. */
export function numberOf(text: string): number {
  const [, digits] = /^#?([1-9]\d{0,14})$/.exec(text) ?? [];
  if (digits === undefined) throw new AppError('bad-option', `${text} is no id: it is a number.`);
  return Number(digits);
}
