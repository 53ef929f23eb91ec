// Builds web/dist: the page, its worker, glyph ranges and sprites, from pinned packages only.
//
// In: src/, sprites/*.svg, node_modules/, and what says who may see an icon: ../layers, ../styles.
// Out: dist/, which the server embeds.
// The same inputs give the same bytes; nothing is fetched.

import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { mkdir, readFile, readdir, rm, writeFile, copyFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { Resvg } from '@resvg/resvg-js';
import { CLASSES, iconClasses } from './icon-classes.mjs';

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

/** Width of a sprite sheet, and the empty pixels between its icons, which keep their edges apart. */
const SHEET_WIDTH = 256;
const SHEET_GAP = 2;

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

/** Writes one sheet for each class of request: an icon tells of a layer as well as a name does. */
async function buildSprites() {
  const files = (await readdir(join(here, 'sprites'))).filter((name) => name.endsWith('.svg')).sort();
  const icons = await Promise.all(files.map(readIcon));
  const project = dirname(here);
  const classes = await iconClasses(join(project, 'layers'), join(project, 'styles'));
  for (const [rank, name] of CLASSES.entries()) {
    const seen = icons.filter((icon) => (classes.get(icon.id) ?? 0) <= rank);
    const folder = join(dist, 'sprites', name);
    await mkdir(folder, { recursive: true });
    await writeSheet(folder, seen);
  }
}

/** Lays the icons in rows and draws the sheet once at each pixel ratio. */
async function writeSheet(folder, icons) {
  const { places, width, height } = layRows(icons);
  const drawn = icons.map((icon, n) => icon.svg.replace('<svg ', `<svg x="${places[n].x}" y="${places[n].y}" `));
  const sheet = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${drawn.join('')}</svg>`;
  for (const pixelRatio of [1, 2]) {
    const index = {};
    for (const [n, icon] of icons.entries()) {
      index[icon.id] = {
        width: icon.width * pixelRatio,
        height: icon.height * pixelRatio,
        x: places[n].x * pixelRatio,
        y: places[n].y * pixelRatio,
        pixelRatio,
      };
    }
    const png = new Resvg(sheet, { fitTo: { mode: 'zoom', value: pixelRatio } }).render().asPng();
    const name = pixelRatio === 1 ? 'urbis' : `urbis@${pixelRatio}x`;
    await writeFile(join(folder, `${name}.png`), png);
    await writeFile(join(folder, `${name}.json`), `${JSON.stringify(index, null, 1)}\n`);
  }
}

/** Places for icons, left to right in rows, and the size of the sheet; in pixels. */
function layRows(icons) {
  let [x, y, row] = [0, 0, 0];
  const places = icons.map((icon) => {
    if (x + icon.width > SHEET_WIDTH) [x, y, row] = [0, y + row + SHEET_GAP, 0];
    const place = { x, y };
    x += icon.width + SHEET_GAP;
    row = Math.max(row, icon.height);
    return place;
  });
  return { places, width: SHEET_WIDTH, height: y + row };
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
