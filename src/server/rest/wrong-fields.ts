import { Refusal } from '../runner-api/refusal.ts';

/** A request whose fields are not right: what is wrong with each, as GitLab answers it. */
export class WrongFields extends Refusal {
  readonly fields: Readonly<Record<string, readonly string[]>>;

  constructor(status: number, fields: Readonly<Record<string, readonly string[]>>) {
    super(
      status,
      Object.entries(fields)
        .map(([name, wrong]) => `${name} ${wrong.join(', ')}`)
        .join('; '),
    );
    this.fields = fields;
  }
}

export function wrongFields(fields: Readonly<Record<string, readonly string[]>>, status = 400): WrongFields {
  return new WrongFields(status, fields);
}
