/**
 * What stands at the addresses that a push and the API name, as long as there are no pages: which command shows what is
 * meant. The same words whether or not it is there, so that nobody learns anything from them. Null: no such address.
 */
export function wordsForBrowser(path: string): string | null {
  if (path === '/')
    return `This is Slipway. ${NO_PAGES}\n\n  slipway project list\n  slipway pipeline list\n`;
  const [, project = '', kind = '', id = ''] = ADDRESS.exec(path) ?? [];
  const command = COMMANDS.get(kind);
  return command === undefined ? null : `${NO_PAGES}\n\n  slipway ${command} ${id} --project ${project}\n`;
}

const NO_PAGES = 'This server has no pages yet; the command line shows what there is:';
const ADDRESS = /^\/([\w.-]+(?:\/[\w.-]+)+)\/-\/(pipelines|jobs)\/(\d{1,15})$/;
const COMMANDS: ReadonlyMap<string, string> = new Map([
  ['pipelines', 'pipeline view'],
  ['jobs', 'job log'],
]);
