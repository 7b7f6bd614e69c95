import { type Fields, MAP, TEXTS, word } from '../../fields/field.ts';
import { honoured, noDifference } from '../../gitlab/keywords/keyword.ts';
import { YES_OR_NO } from './words.ts';

export const ENVIRONMENT: Fields = {
  shell: {
    text: 'The shell that runs the commands; `sh` unless said otherwise.',
    shape: word('bash', 'sh', '/bin/bash', '/bin/sh', 'powershell.exe', 'cmd.exe'),
    treatment: honoured('The shells of Windows are errors.'),
  },
  variables: {
    text: 'Variables as they are: `$` in a value means itself.',
    shape: MAP,
    treatment: honoured('Variables from outside win.'),
  },
  'parameter-store': {
    text: 'Variables whose values are parameters of the Parameter Store, each by its name.',
    shape: MAP,
    treatment: honoured('Values come from the secrets of the project, and with `--aws-secrets` from AWS.'),
  },
  'secrets-manager': {
    text: 'Variables whose values are secrets of the Secrets Manager, each as `ID:JSON-KEY:VERSION-STAGE:VERSION-ID`.',
    shape: MAP,
    treatment: honoured('Values come from the secrets of the project, and with `--aws-secrets` from AWS.'),
  },
  'exported-variables': {
    text: 'Variables whose values the build hands on.',
    shape: TEXTS,
    treatment: honoured('A dotenv report: later jobs get them.'),
  },
  'git-credential-helper': {
    text: 'Whether git may use the credentials of the build.',
    shape: YES_OR_NO,
    treatment: noDifference('A job can read its own repository.'),
  },
};

export const OLD_ENVIRONMENT: Fields = {
  plaintext: { text: 'Variables as they are. Version 0.2 has them in `env: variables`.', shape: MAP },
};
