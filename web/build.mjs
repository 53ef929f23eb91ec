// Builds web/dist: the page, its worker, glyph ranges and sprites, from pinned packages only.
//
// In: src/, sprites/*.svg, node_modules/. Out: dist/, which the server embeds.
// The same inputs give the same bytes; nothing is fetched.

import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { mkdir, readFile, readdir, rm, writeFile, copyFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { Resvg } from '@resvg/resvg-js';

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, 'dist');
const packages = join(here, 'node_modules');
const require = createRequire(import.meta.url);
const fontnik = require('fontnik');

/** Font stacks that styles may name, and the folder and file of each in the font package. */
const FONT_STACKS = {
  'Be Vietnam Pro Regular': '400Regular/BeVietnamPro_400Regular.ttf',
  'Be Vietnam Pro SemiBold': '600SemiBold/BeVietnamPro_600SemiBold.ttf',
  'Be Vietnam Pro Italic': '400Regular_Italic/BeVietnamPro_400Regular_Italic.ttf',
};

/** Glyph files hold this many code points each; MapLibre asks for them by this size. */
const GLYPH_RANGE = 256;

/** Code points past this one have no glyph file. */
const LAST_CODE_POINT = 65535;

await rm(dist, { recursive: true, force: true });
await Promise.all([buildPage(), buildGlyphs(), buildSprites()]);

/** Bundles script and stylesheet, copies MapLibre's worker, and writes the page that names them. */
async function buildPage() {
  const assets = join(dist, 'assets');
  await mkdir(assets, { recursive: true });

  const worker = await readFile(join(packages, 'maplibre-gl/dist/maplibre-gl-worker.mjs'));
  const workerName = `maplibre-gl-worker-${digest(worker)}.mjs`;
  await writeFile(join(assets, workerName), worker);

  const result = await build({
    absWorkingDir: here,
    entryPoints: { urbis: 'src/main.ts' },
    outdir: assets,
    entryNames: '[name]-[hash]',
    assetNames: '[name]-[hash]',
    bundle: true,
    format: 'esm',
    target: ['chrome111', 'firefox114', 'safari16.4'],
    minify: true,
    legalComments: 'linked',
    loader: { '.woff2': 'file', '.svg': 'file' },
    define: { WORKER_FILE: JSON.stringify(`assets/${workerName}`) },
    metafile: true,
    logLevel: 'warning',
  });

  const [script, details] = Object.entries(result.metafile.outputs).find(([, output]) => output.entryPoint);
  const icon = await readFile(join(here, 'src/icon.svg'));
  const iconName = `icon-${digest(icon)}.svg`;
  await writeFile(join(assets, iconName), icon);

  const page = (await readFile(join(here, 'src/index.html'), 'utf8'))
    .replace('{script}', script.replace(/^dist\//, ''))
    .replace('{stylesheet}', details.cssBundle.replace(/^dist\//, ''))
    .replaceAll('{icon}', `assets/${iconName}`);
  await writeFile(join(dist, 'index.html'), page);
}

/** Writes the glyph ranges in which a font has at least one letter. */
async function buildGlyphs() {
  const source = join(packages, '@expo-google-fonts/be-vietnam-pro');
  const load = promisify(fontnik.load);
  const range = promisify(fontnik.range);
  for (const [stack, file] of Object.entries(FONT_STACKS)) {
    const font = await readFile(join(source, file));
    const [face] = await load(font);
    const starts = new Set(
      face.points.filter((point) => point <= LAST_CODE_POINT).map((point) => point - (point % GLYPH_RANGE)),
    );
    await mkdir(join(dist, 'fonts', stack), { recursive: true });
    for (const start of starts) {
      const end = start + GLYPH_RANGE - 1;
      const glyphs = await range({ font, start, end });
      await writeFile(join(dist, 'fonts', stack, `${start}-${end}.pbf`), glyphs);
    }
  }
  await copyFile(join(source, 'LICENSE_FONT'), join(dist, 'fonts', 'OFL.txt'));
}

/** Lays the icons side by side and draws the sheet once at each pixel ratio. */
async function buildSprites() {
  await mkdir(join(dist, 'sprites'), { recursive: true });
  const files = (await readdir(join(here, 'sprites'))).filter((name) => name.endsWith('.svg')).sort();
  const icons = await Promise.all(files.map(readIcon));
  for (const pixelRatio of [1, 2]) {
    const index = {};
    let x = 0;
    const drawn = icons.map((icon) => {
      index[icon.id] = {
        width: icon.width * pixelRatio,
        height: icon.height * pixelRatio,
        x: x * pixelRatio,
        y: 0,
        pixelRatio,
      };
      const placed = icon.svg.replace('<svg ', `<svg x="${x}" y="0" `);
      x += icon.width;
      return placed;
    });
    const height = Math.max(...icons.map((icon) => icon.height));
    const sheet = `<svg xmlns="http://www.w3.org/2000/svg" width="${x}" height="${height}">${drawn.join('')}</svg>`;
    const png = new Resvg(sheet, { fitTo: { mode: 'zoom', value: pixelRatio } }).render().asPng();
    const name = pixelRatio === 1 ? 'urbis' : `urbis@${pixelRatio}x`;
    await writeFile(join(dist, 'sprites', `${name}.png`), png);
    await writeFile(join(dist, 'sprites', `${name}.json`), `${JSON.stringify(index, null, 1)}\n`);
  }
}

/** One icon: its id is the file name, its size the svg's own width and height in pixels. */
async function readIcon(file) {
  const svg = await readFile(join(here, 'sprites', file), 'utf8');
  const [, width, height] = svg.match(/width="(\d+)" height="(\d+)"/) ?? [];
  if (!width) throw new Error(`sprites/${file} must open with width and height in whole pixels`);
  return { id: file.replace(/\.svg$/, ''), svg, width: Number(width), height: Number(height) };
}

/** Short content hash for file names. */
function digest(bytes) {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 8);
}
