import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Plugin } from 'esbuild';
import { build } from 'esbuild';
import { shippedTemplates } from '../src/includes/shipped-templates.ts';

/**
 * Bundles src/cli/main.ts into dist/: slipway.js, the entry, and chunks that are loaded when a command first needs
 * them. The entry is renamed into place last, so a command that starts meanwhile sees the old bundle or the new one,
 * whole.
 */
const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };

const started = performance.now();
const result = await build({
  absWorkingDir: root,
  entryPoints: { slipway: 'src/cli/main.ts' },
  outdir: dist,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  minifySyntax: true,
  minifyWhitespace: true,
  keepNames: false,
  sourcemap: 'external',
  chunkNames: 'chunks/[name]-[hash]',
  legalComments: 'none',
  define: {
    // CommonJS packages expect them, too: the SSH library looks for files beside its own that are part of the bundle here.
    __dirname: 'import.meta.dirname',
    __filename: 'import.meta.filename',
    SLIPWAY_VERSION: JSON.stringify(version),
    SLIPWAY_TEMPLATES: JSON.stringify(Object.fromEntries(shippedTemplates())),
  },
  // An installed command is started by its name. CommonJS packages in the bundle ask for Node's own modules with
  // `require`, which an ES module does not have.
  banner: {
    js: "#!/usr/bin/env node\nimport{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
  },
  plugins: [lightDockerClient()],
  write: false,
  logLevel: 'warning',
}).catch(() => process.exit(1)); // It has printed the errors itself.

const entry = join(dist, 'slipway.js');
for (const file of result.outputFiles.sort((a, b) => Number(a.path === entry) - Number(b.path === entry))) {
  await mkdir(dirname(file.path), { recursive: true });
  const temporary = `${file.path}.${process.pid}`;
  await writeFile(temporary, file.contents, { mode: file.path === entry ? 0o755 : 0o644 });
  await rename(temporary, file.path);
}
await prune(new Set(result.outputFiles.map((file) => file.path)));
process.stderr.write(`slipway: bundled in ${Math.round(performance.now() - started)} ms\n`);

/**
 * What the Docker client brings along and a runner never uses: BuildKit sessions (gRPC) are gone, and SSH is loaded
 * only for an engine address that begins with ssh://. Native add-ons of the SSH library, which it can do without,
 * stay outside: nothing here runs install scripts, so they are never built.
 */
function lightDockerClient(): Plugin {
  return {
    name: 'light-docker-client',
    setup(build) {
      build.onLoad({ filter: /dockerode[\\/]lib[\\/]session\.js$/ }, () => ({
        contents:
          "module.exports = () => { throw new Error('BuildKit sessions are not part of this client'); };",
      }));
      build.onLoad({ filter: /docker-modem[\\/]lib[\\/]modem\.js$/ }, async ({ path }) => {
        const text = await readFile(path, 'utf8');
        const eager = "ssh = require('./ssh')";
        if (!text.includes(eager)) throw new Error(`${path} no longer loads ssh the way this build expects`);
        return { contents: text.replace(eager, "ssh = (options) => require('./ssh')(options)") };
      });
      build.onResolve({ filter: /\.node$|^cpu-features$/ }, ({ path }) => ({ path, external: true }));
    },
  };
}

/** Removes what older builds left, but not before a run that started with it can have ended. */
async function prune(current: ReadonlySet<string>): Promise<void> {
  const dayAgo = Date.now() - 24 * 3600 * 1000;
  for (const name of await readdir(join(dist, 'chunks'))) {
    const path = join(dist, 'chunks', name);
    if (!current.has(path) && (await modifiedAt(path)) < dayAgo) await rm(path, { force: true });
  }
}

/** Another build at the same time renames its temporary files: one that is gone is no older build's. */
async function modifiedAt(path: string): Promise<number> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return Number.POSITIVE_INFINITY;
    throw error;
  }
}
