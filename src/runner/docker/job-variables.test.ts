import { expect, it } from 'vitest';
import type { JobSpec, JobVariable } from '../../protocol/index.ts';
import { expandJobVariables, serviceVariables } from './job-variables.ts';

it('keeps secrets, what contains them, and files out of the environment of containers', () => {
  const { open, values } = expandJobVariables(
    withVariables([
      variable('PLAIN', 'a $PLACE'),
      variable('PLACE', 'b'),
      { ...variable('TOKEN', 'topsecret'), masked: true },
      variable('URL', 'https://$TOKEN@host'),
      { ...variable('KEY', 'content'), file: true },
      { ...variable('RAW', '$PLACE'), raw: true },
    ]),
    '/builds/p',
  );
  expect(Object.fromEntries(open)).toEqual({
    PLAIN: 'a b',
    PLACE: 'b',
    RAW: '$PLACE',
    CI_PROJECT_DIR: '/builds/p',
  });
  expect(values.get('URL')).toBe('https://topsecret@host');
});

it('lets a service’s own variable name any of the job’s', () => {
  const job = expandJobVariables(
    withVariables([variable('A', '1'), { ...variable('TOKEN', 'topsecret'), masked: true }]),
    '/p',
  );
  const service = serviceVariables(job, [variable('PASSWORD', '$TOKEN'), variable('A', '2$A')]);
  expect(Object.fromEntries(service)).toEqual({ A: '21', PASSWORD: 'topsecret', CI_PROJECT_DIR: '/p' });
});

function variable(key: string, value: string): JobVariable {
  return { key, value, file: false, masked: false, raw: false };
}

function withVariables(variables: readonly JobVariable[]): Pick<JobSpec, 'variables'> {
  return { variables };
}
