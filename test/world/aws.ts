import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { installAwsTools } from './aws-tools.ts';
import { output } from './command.ts';

/** S3, CloudFront and all else of AWS that moto has, on this machine, and the real `aws` command. */
export interface Aws extends AsyncDisposable {
  /** By these variables a job finds the command and the server. */
  readonly environment: Readonly<Record<string, string>>;
  readonly address: string;
  /** Runs the `aws` command, and answers with what it prints. */
  aws(args: readonly string[]): Promise<string>;
  /** Makes a bucket, and a CloudFront distribution in front of it; answers with the distribution's id. */
  createSite(bucket: string): Promise<string>;
  put(bucket: string, key: string, text: string): Promise<void>;
  /** The objects of a bucket by their key. */
  objects(bucket: string): Promise<Readonly<Record<string, StoredObject>>>;
  /** The paths of each invalidation of a distribution. */
  invalidations(distribution: string): Promise<readonly (readonly string[])[]>;
}

export interface StoredObject {
  readonly text: string;
  readonly type: string | null;
  readonly cacheControl: string | null;
}

export async function startAws(): Promise<Aws> {
  const tools = await installAwsTools();
  const server = spawn(tools.python, [join(import.meta.dirname, 'aws-server.py')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(server, 'close');
  const address = await firstLine(server.stdout, ended);
  const environment = {
    AWS_ENDPOINT_URL: address,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'not-a-real-secret',
    AWS_DEFAULT_REGION: 'us-west-2',
    PATH: `${tools.programs}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
  };
  const aws = (args: readonly string[], input?: string): Promise<string> =>
    output(join(tools.programs, 'aws'), args, {
      env: environment,
      ...(input === undefined ? {} : { input }),
    });

  return {
    environment,
    address,
    aws: (args) => aws(args),
    async createSite(bucket) {
      await aws(['s3', 'mb', `s3://${bucket}`]);
      const origin = ['--origin-domain-name', `${bucket}.s3.amazonaws.com`];
      const id = ['--query', 'Distribution.Id', '--output', 'text'];
      return aws(['cloudfront', 'create-distribution', ...origin, ...id]);
    },
    async put(bucket, key, text) {
      await aws(['s3', 'cp', '-', `s3://${bucket}/${key}`], text);
    },
    objects: (bucket) => objects(address, bucket),
    async invalidations(distribution) {
      const of = ['--distribution-id', distribution, '--output', 'text'];
      const ids = await aws([
        'cloudfront',
        'list-invalidations',
        ...of,
        '--query',
        'InvalidationList.Items[].Id',
      ]);
      const paths: string[][] = [];
      for (const id of ids.split(/\s+/).filter((each) => each !== '' && each !== 'None')) {
        const query = ['--query', 'Invalidation.InvalidationBatch.Paths.Items'];
        paths.push((await aws(['cloudfront', 'get-invalidation', '--id', id, ...of, ...query])).split(/\s+/));
      }
      return paths;
    },
    async [Symbol.asyncDispose]() {
      server.stdin.end();
      await ended;
    },
  };
}

/** The server's first line is its address; without one it has ended, and said why on standard error. */
async function firstLine(stdout: Readable, ended: Promise<unknown>): Promise<string> {
  const lines = createInterface({ input: stdout });
  const line = await Promise.race([once(lines, 'line'), ended.then(() => null)]);
  if (line === null) throw new Error('the server for S3 and CloudFront did not start');
  return String(line[0]);
}

/** Over the server's HTTP: the command would take half a second for each object. */
async function objects(address: string, bucket: string): Promise<Readonly<Record<string, StoredObject>>> {
  const listing = await (await get(`${address}/${bucket}?list-type=2`)).text();
  const keys = [...listing.matchAll(/<Key>(.*?)<\/Key>/g)].map(([, key = '']) => key);
  const found: Record<string, StoredObject> = {};
  for (const key of keys) {
    const response = await get(`${address}/${bucket}/${key}`);
    const { headers } = response;
    found[key] = {
      text: await response.text(),
      type: headers.get('content-type'),
      cacheControl: headers.get('cache-control'),
    };
  }
  return found;
}

/** The server does not check signatures, but gives nothing to who has none. */
async function get(url: string): Promise<Response> {
  const credential = 'Credential=test/20240101/us-west-2/s3/aws4_request';
  const authorization = `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=host, Signature=none`;
  const response = await fetch(url, { headers: { authorization } });
  if (!response.ok) throw new Error(`${url}: HTTP ${response.status}\n${await response.text()}`);
  return response;
}
