import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer } from '../src/server/index.ts';

/** docs/reference/openapi.json and api.md, as a server that is started for it describes itself. */
export async function apiPages(): Promise<{ readonly document: string; readonly page: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-docs-'));
  try {
    await using server = await startServer({
      ...{ dataFolder: folder, host: '127.0.0.1', port: 0 },
      log: { level: 'silent', write: () => undefined },
    });
    const document: Document = JSON.parse(
      await (await fetch(`${server.address}/api/v4/openapi.json`)).text(),
    );
    return { document: `${JSON.stringify(document, null, 2)}\n`, page: pageOf(document) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

interface Operation {
  readonly summary?: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: Body }>>;
  };
}

interface Body {
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly Body[];
}

function pageOf({ paths }: Document): string {
  const rows = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      path,
      method: method.toUpperCase(),
      operation,
    })),
  );
  const groups = Map.groupBy(rows, ({ path }) => groupOf(path));
  const parts = [...groups].map(
    ([group, of]) =>
      `## ${group}\n\n| route | what it does | takes |\n| --- | --- | --- |\n${of.map(rowOf).join('\n')}\n`,
  );
  return `${HEAD}\n${parts.join('\n')}`;
}

const HEAD = `# The API

GitLab's REST API, version 4, as far as Slipway answers it, under \`/api/v4\`. Paths, names and status codes are GitLab's. Written by
\`make docs\` from what the server says of itself; [openapi.json](openapi.json) has every field. A running server has it at
\`/api/v4/openapi.json\`.

- **Who asks** is said by \`PRIVATE-TOKEN: …\` or \`Authorization: Bearer …\`; jobs say it by \`JOB-TOKEN: …\`, and may download
  artifacts. What a token may not know of is answered with 404. An address that comes with wrong tokens again and again is not
  listened to for a minute (429).
- **Projects** are named by their number or their URL-encoded path: \`team%2Fapp\`.
- **Lists** have pages: \`per_page\` up to 100, and either \`page\` (up to 20,000 entries) or \`pagination=keyset\`, which goes on from
  the \`Link\` header and costs the same wherever it stands. How many there are of all is never counted.
- **Errors** are JSON with a \`message\`. A parameter that the server does not know is refused with 400.
- **Logs** take a \`Range\`, and with \`follow=true\` the answer goes on until the job is over.
`;

/** `/projects/{id}/pipelines/{pipeline_id}/jobs` is about pipelines. */
function groupOf(path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && !part.startsWith('{'));
  const [first = '', second, third] = parts;
  const word =
    first === 'projects' || first === 'admin' || first === 'user' ? (third ?? second ?? first) : first;
  const about = second === 'pipelines' || second === 'jobs' || second === 'pipeline' ? second : word;
  return GROUPS.get(about) ?? `${about.charAt(0).toUpperCase()}${about.slice(1)}`.replaceAll('_', ' ');
}

const GROUPS: ReadonlyMap<string, string> = new Map([
  ['pipeline', 'Pipelines'],
  ['user', 'The server'],
  ['version', 'The server'],
  ['access_tokens', 'Tokens'],
  ['personal_access_tokens', 'Tokens'],
]);

function rowOf({ path, method, operation }: { path: string; method: string; operation: Operation }): string {
  const query = (operation.parameters ?? [])
    .filter((one) => one.in === 'query')
    .map(({ name }) => `\`${name}\``);
  const body = Object.values(operation.requestBody?.content ?? {})[0]?.schema;
  const given = body?.anyOf?.[0] ?? body;
  const required = new Set(given?.required ?? []);
  const fields = Object.keys(given?.properties ?? {}).map((name) =>
    required.has(name) ? `**\`${name}\`**` : `\`${name}\``,
  );
  return `| \`${method} ${path}\` | ${operation.summary ?? ''} | ${[...query, ...fields].join(', ')} |`;
}
