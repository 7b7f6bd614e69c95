import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { expect, onTestFinished, test } from 'vitest';
import { startTestedServer, type TestedServer } from '../../test-support/running-server.ts';

const PIPELINE = `
build:
  script: [make]
test:
  stage: test
  allow_failure: true
  script: [make test]
`;

test('a pipeline is a trace with a span for each job', async () => {
  const receiver = await startReceiver();
  const tested = await startTested(receiver.url);
  await tested.push({ '.gitlab-ci.yml': PIPELINE });
  await runJob(tested, { state: 'success' });
  await runJob(tested, { state: 'failed', failure_reason: 'script_failure', exit_code: 3 });
  const [pipeline, build, failed] = await receiver.spans(3);

  expect(pipeline).toMatchObject({ name: 'RUN team/app', kind: 2, status: { code: 0 } });
  expect(attributes(pipeline)).toMatchObject({
    'cicd.pipeline.result': 'success',
    'cicd.pipeline.run.id': '1',
    'vcs.ref.head.name': 'main',
    'cicd.pipeline.run.url.full': `${tested.server.url}/team/app/-/pipelines/1`,
  });
  for (const job of [build, failed]) {
    expect(job).toMatchObject({ traceId: pipeline?.traceId, parentSpanId: pipeline?.spanId });
    expect(job?.events.map(({ name }) => name)).toEqual(['queued', 'running']);
    expect(BigInt(job?.endTimeUnixNano ?? 0)).toBeGreaterThanOrEqual(BigInt(job?.startTimeUnixNano ?? 0));
  }
  expect(attributes(build)).toMatchObject({
    'cicd.pipeline.task.name': 'build',
    'cicd.pipeline.task.run.result': 'success',
  });
  expect(attributes(failed)).toMatchObject({
    'cicd.pipeline.task.run.result': 'failure',
    'error.type': 'script_failure',
    'process.exit.code': '3',
  });
  expect(receiver.headers[0]).toMatchObject({ 'content-type': 'application/json', 'x-key': 'abc' });
});

test('a pipeline that a job started is linked to that job', async () => {
  const receiver = await startReceiver();
  const tested = await startTested(receiver.url);
  const file = 'start:\n  trigger: {include: child.yml, strategy: depend}\n';
  await tested.push({ '.gitlab-ci.yml': file, 'child.yml': 'inner:\n  script: [make]\n' });
  await expect.poll(() => runJob(tested, { state: 'success' })).toBe(true);
  const spans = await receiver.spans(4);
  const bridge = spans.find(({ name }) => name === 'RUN start');
  const child = spans.find(({ kind, links }) => kind === 2 && links.length > 0);
  expect(child?.links).toMatchObject([{ traceId: bridge?.traceId, spanId: bridge?.spanId }]);
  expect(child?.traceId).not.toBe(bridge?.traceId);
});

test('a receiver that is away for a while misses nothing, and holds up nobody', async () => {
  const receiver = await startReceiver([503, 429]);
  const tested = await startTested(receiver.url);
  await tested.push({ '.gitlab-ci.yml': 'build:\n  script: [make]\n' });
  expect(await runJob(tested, { state: 'success' })).toBe(true);
  expect(await receiver.spans(2)).toHaveLength(2);
  expect(receiver.headers).toHaveLength(3);
});

test('a server ends although its receiver never answers', async () => {
  const tested = await startTested('http://127.0.0.1:9');
  await tested.push({ '.gitlab-ci.yml': 'build:\n  script: [make]\n' });
  expect(await runJob(tested, { state: 'success' })).toBe(true);
  await tested.server[Symbol.asyncDispose]();
});

const Hex = (digits: number) => Type.String({ pattern: `^[0-9a-f]{${digits}}$` });
const Nanoseconds = Type.String({ pattern: '^[0-9]{19}$' });
const Attributes = Type.Array(
  Type.Object(
    {
      key: Type.String({ minLength: 1 }),
      value: Type.Union([
        Type.Object({ stringValue: Type.String() }, { additionalProperties: false }),
        Type.Object({ intValue: Type.String({ pattern: '^-?[0-9]+$' }) }, { additionalProperties: false }),
      ]),
    },
    { additionalProperties: false },
  ),
);
const Span = Type.Object(
  {
    ...{ traceId: Hex(32), spanId: Hex(16), parentSpanId: Type.Optional(Hex(16)) },
    ...{ name: Type.String(), kind: Type.Integer({ minimum: 1, maximum: 5 }), attributes: Attributes },
    ...{ startTimeUnixNano: Nanoseconds, endTimeUnixNano: Nanoseconds },
    events: Type.Array(Type.Object({ timeUnixNano: Nanoseconds, name: Type.String() })),
    links: Type.Array(Type.Object({ traceId: Hex(32), spanId: Hex(16), attributes: Attributes })),
    status: Type.Object({ code: Type.Integer({ minimum: 0, maximum: 2 }) }),
  },
  { additionalProperties: false },
);
/** What the protocol's own definition takes: ExportTraceServiceRequest. */
const Request = Compile(
  Type.Object(
    {
      resourceSpans: Type.Array(
        Type.Object(
          {
            resource: Type.Object({ attributes: Attributes }),
            scopeSpans: Type.Array(
              Type.Object({
                scope: Type.Object({ name: Type.String(), version: Type.String() }),
                spans: Type.Array(Span),
              }),
            ),
          },
          { additionalProperties: false },
        ),
      ),
    },
    { additionalProperties: false },
  ),
);
type ReceivedSpan = Type.Static<typeof Span>;

/** An HTTP server that takes traces as a collector does. First it gives the answers of the list. */
async function startReceiver(answers: number[] = []) {
  const received: ReceivedSpan[] = [];
  const headers: IncomingMessage['headers'][] = [];
  const faults: string[] = [];
  const server = createServer(async (request, response) => {
    headers.push(request.headers);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
    if (request.url !== '/v1/traces' || !Request.Check(body))
      faults.push(`${request.url} ${JSON.stringify(body)}`);
    const status = answers.shift() ?? 200;
    if (status === 200 && Request.Check(body)) {
      for (const { scopeSpans } of body.resourceSpans)
        received.push(...scopeSpans.flatMap(({ spans }) => spans));
    }
    response.writeHead(status, { 'Content-Type': 'application/json' }).end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    headers,
    async spans(count: number): Promise<readonly ReceivedSpan[]> {
      await expect.poll(() => received.length, { timeout: 15_000 }).toBeGreaterThanOrEqual(count);
      expect(faults).toEqual([]);
      return received;
    },
  };
}

function startTested(endpoint: string): Promise<TestedServer> {
  return startTestedServer({ traces: { endpoint, headers: { 'X-Key': 'abc' }, version: '1.2.3' } });
}

function attributes(span: ReceivedSpan | undefined): Record<string, string> {
  return Object.fromEntries(
    (span?.attributes ?? []).map(({ key, value }) => [
      key,
      'stringValue' in value ? value.stringValue : value.intValue,
    ]),
  );
}

async function runJob({ ask, runnerToken }: TestedServer, how: object): Promise<boolean> {
  const { status, json } = await ask('POST', '/jobs/request', {
    token: runnerToken,
    system_id: 's',
    info: {},
  });
  if (status !== 201) return false;
  expect(await ask('PUT', `/jobs/${json.id}`, { token: json.token, ...how })).toMatchObject({ status: 200 });
  return true;
}
