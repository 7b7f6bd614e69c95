import type { SourceFile, Unavailable } from '../../sources.ts';
import type { ParsedFile } from '../load-file.ts';
import type { Mask } from '../mask.ts';
import type { Origin, OriginParts } from './origin.ts';

/** A file that an include names. Whether it is there is known once it is loaded. */
export interface FoundFile {
  /** The same for what is the same file, and for nothing else. */
  readonly key: string;
  /** What people are shown: `ci/a.yml`, `group/project@main:ci/a.yml`, an address, a template's name. */
  readonly name: string;
  /** As the include has it, secrets masked: what GitLab calls the location. */
  readonly location: string;
  /** What its own includes are relative to. */
  readonly origin: Origin;
  load(): Promise<ParsedFile | Fault>;
}

/** Why an include cannot be followed. */
export interface Fault {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
}

/** What is needed to find the files of an include. */
export interface Finding extends OriginParts {
  /** The file the include is in comes from here. */
  readonly origin: Origin;
  readonly mask: Mask;
  /** Parses a text under the name that people are shown, once however often it is included. */
  readonly parsed: (name: string, text: string) => ParsedFile;
}

export function isFault<T extends object>(found: T | Fault): found is Fault {
  return 'message' in found;
}

export function fault(code: string, message: string, hint: string | null = null): Fault {
  return { code, message, hint };
}

/** The end of a name must be that of a YAML file, which is all that GitLab asks of an address or a path. */
export function extensionFault(shown: string, location: string): Fault | null {
  const name = location.slice(location.lastIndexOf('/') + 1);
  if (/.\.ya?ml$/i.test(name)) return null;
  const message = `Included file \`${shown}\` does not have YAML extension!`;
  return fault('invalid-include', message, 'The name must end with .yml or .yaml.');
}

/** `what`: how the message begins, such as "Local file `a.yml`". */
export function unreadableFault(
  what: string,
  file: Exclude<SourceFile | Unavailable, { kind: 'text' }>,
): Fault {
  switch (file.kind) {
    case 'absent':
      return fault('include-unreadable', `${what} does not exist!`);
    case 'not-utf8':
      return fault(
        'include-unreadable',
        `${what} is not UTF-8 text (line ${file.line}, column ${file.column})`,
      );
    case 'too-large':
      return fault('include-unreadable', `${what} is too big (${file.bytes} bytes, at most ${file.limit})`);
    case 'unavailable':
      return unavailableFault(what, file);
  }
}

export function unavailableFault(what: string, { reason, hint }: Unavailable): Fault {
  return fault('include-unavailable', `${what} could not be fetched because ${reason}!`, hint);
}

export function emptyFault(what: string): Fault {
  return fault('include-unreadable', `${what} is empty!`);
}
