// Builds everything the browser gets into dist/: styles, islands, pictures, and manifest.json,
// which tells the server the hashed name of each file.
import { build, context } from 'esbuild';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { writeFavicons } from './favicon.mjs';
import { writeTexts } from './texts.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, 'dist');
const watching = process.argv.includes('--watch');

// hls.js is built from its sources, with only what our playlists use.
const hlsFlags = {
  __VERSION__: '"1.7.4"',
  __USE_ALT_AUDIO__: 'true',
  __USE_SUBTITLES__: 'false',
  __USE_EME_DRM__: 'false',
  __USE_CMCD__: 'false',
  __USE_CONTENT_STEERING__: 'false',
  __USE_VARIABLE_SUBSTITUTION__: 'false',
  __USE_M2TS_ADVANCED_CODECS__: 'false',
  __USE_MEDIA_CAPABILITIES__: 'true',
  __USE_INTERSTITIALS__: 'false',
  __USE_IFRAMES__: 'false',
  __HLS_WORKER_BUNDLE__: 'undefined',
  __IN_WORKER__: 'false',
};

const options = {
  absWorkingDir: here,
  entryPoints: {
    site: 'src/site.ts',
    watch: 'src/watch.ts',
    embed: 'src/embed.ts',
    upload: 'src/upload.ts',
    studio: 'src/studio.ts',
    passkey: 'src/passkey.ts',
    push: 'src/push.ts',
    'push-worker': 'src/push-worker.ts',
    style: 'css/style.css',
  },
  bundle: true,
  splitting: true,
  format: 'esm',
  target: ['chrome123', 'firefox120', 'safari17.5'],
  minify: !watching,
  sourcemap: false,
  metafile: true,
  outdir: dist,
  entryNames: '[name]-[hash]',
  chunkNames: '[name]-[hash]',
  assetNames: '[name]-[hash]',
  loader: { '.woff2': 'file', '.webp': 'file' },
  define: hlsFlags,
  legalComments: 'none',
  logLevel: 'warning',
  // The sharing between viewers comes with all that its tracker's client needs.
  conditions: ['p2pml:core-as-bundle'],
  alias: { 'hls.js': join(here, 'node_modules/hls.js/src/hls.ts') },
};

function hashedCopy(manifest, from, name) {
  const body = readFileSync(from);
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 8).toUpperCase();
  const to = `${basename(name, extname(name))}-${hash}${extname(name)}`;
  writeFileSync(join(dist, to), body);
  manifest[name] = to;
}

function writeManifest(outputs) {
  const manifest = {};
  const preload = {};
  for (const [out, info] of Object.entries(outputs)) {
    const file = relative(dist, join(here, out));
    if (info.entryPoint) {
      const name = basename(info.entryPoint).replace(/\.(ts|json)$/, '.js');
      manifest[name] = file;
      const needed = info.imports.filter((i) => i.kind === 'import-statement').map((i) => relative(dist, join(here, i.path)));
      if (needed.length > 0) preload[name] = needed;
    }
    else if (extname(file) === '.woff2') manifest[basename(file).replace(/-[A-Z0-9]{8}\./, '.')] = file;
  }
  for (const name of readdirSync(join(here, 'static'))) hashedCopy(manifest, join(here, 'static', name), name);
  writeFavicons(join(dist));
  const sorted = Object.fromEntries(Object.entries(manifest).sort(([a], [b]) => a.localeCompare(b)));
  writeFileSync(join(dist, 'manifest.json'), JSON.stringify({ files: sorted, preload }, null, 1));
}

// Compressed once here, so that the server never compresses a file again.
function compress() {
  for (const name of readdirSync(dist)) {
    if (!/\.(js|css|svg|json)$/.test(name)) continue;
    const body = readFileSync(join(dist, name));
    writeFileSync(join(dist, `${name}.gz`), gzipSync(body, { level: 9 }));
    writeFileSync(join(dist, `${name}.br`), brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
  }
}

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });
writeTexts(join(here, '../locales'), join(here, 'src/gen'));
if (watching) {
  const plugin = { name: 'manifest', setup: (b) => b.onEnd((r) => r.metafile && writeManifest(r.metafile.outputs)) };
  await (await context({ ...options, plugins: [plugin] })).watch();
} else {
  const result = await build(options);
  writeManifest(result.metafile.outputs);
  compress();
}
