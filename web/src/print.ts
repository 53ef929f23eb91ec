// A print of the map: the same style drawn anew at twice the pixels on a hidden map, and composed
// with title, legend, scale, north arrow and sources on one canvas.

import { Map as MapLibreMap, type StyleSpecification } from 'maplibre-gl';
import { day, distance, text } from './i18n';
import type { Legend } from './legend';
import { swatchLabel } from './legend_list';
import type { CityMap } from './map';
import type { DrawnLegend } from './panel';
import { paintSwatch, type Sprites, SWATCH_HEIGHT, SWATCH_WIDTH } from './swatch';

/** A size of paper in CSS pixels, 96 to the inch. */
export interface Paper {
  width: number;
  height: number;
}

/** What is printed. */
export interface Print {
  title: string;
  paper: Paper;
  /** Layers for the legend; none, and there is no legend. */
  legends: DrawnLegend[];
  /** Stands under the title; a warning about made-up data. */
  warning: string | undefined;
  /** Whose data it is. */
  sources: string[];
}

/** Pixels of the picture to one of CSS: 192 to the inch. */
export const PRINT_SCALE = 2;

const MARGIN = 32;
const HEAD = 58;
const FOOT = 44;
const LEGEND_WIDTH = 250;
const ROW = 19;
const FONT = "'Be Vietnam Pro', system-ui, sans-serif";
const INK = '#1b2a30';
const SOFT = '#52646b';

const DRAW_DEADLINE_MS = 60_000;

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Draws the print and gives its PNG. */
export async function drawPrint(print: Print, city: CityMap, sprites: Sprites): Promise<Blob> {
  const { width, height } = print.paper;
  const frame: Box = { x: MARGIN, y: HEAD + 12, width: width - 2 * MARGIN, height: height - HEAD - FOOT - 20 };
  await document.fonts.ready;
  const drawn = await drawMap(city, frame);
  const canvas = document.createElement('canvas');
  canvas.width = width * PRINT_SCALE;
  canvas.height = height * PRINT_SCALE;
  const context = canvas.getContext('2d');
  if (!context) throw new Error('the browser gives no canvas');
  context.scale(PRINT_SCALE, PRINT_SCALE);
  context.fillStyle = '#ffffff';
  context.fillRect(0, 0, width, height);
  context.drawImage(drawn.picture, frame.x, frame.y, frame.width, frame.height);
  context.strokeStyle = '#9aa8ad';
  context.strokeRect(frame.x, frame.y, frame.width, frame.height);
  paintHead(context, print, frame);
  paintNorth(context, frame.x + frame.width - 34, frame.y + 36, drawn.bearing);
  paintScale(context, frame, drawn.metresPerPixel);
  paintLegend(context, print, frame, sprites);
  paintFoot(context, print);
  return toPng(canvas);
}

interface DrawnMap {
  picture: HTMLCanvasElement;
  bearing: number;
  metresPerPixel: number;
}

/** Draws the map that is on the screen with the same centre and zoom into a frame of another shape. */
async function drawMap(city: CityMap, frame: Box): Promise<DrawnMap> {
  const container = document.createElement('div');
  container.className = 'print-map';
  container.style.width = `${frame.width}px`;
  container.style.height = `${frame.height}px`;
  container.inert = true;
  document.body.append(container);
  const { map } = city;
  const hidden = new MapLibreMap({
    container,
    style: forPaper(city.drawnStyle()),
    center: map.getCenter(),
    zoom: map.getZoom(),
    bearing: map.getBearing(),
    pitch: map.getPitch(),
    pixelRatio: PRINT_SCALE,
    canvasContextAttributes: { preserveDrawingBuffer: true },
    attributionControl: false,
    interactive: false,
    fadeDuration: 0,
    zoomLevelsToOverscale: map.getMaxZoom(),
    transformRequest: (url, type) => city.request(url, type),
    locale: { 'Map.Title': '' },
  });
  try {
    await atRest(hidden);
    const picture = document.createElement('canvas');
    const { width, height } = hidden.getCanvas();
    picture.width = width;
    picture.height = height;
    picture.getContext('2d')?.drawImage(hidden.getCanvas(), 0, 0);
    const middle = frame.height / 2;
    const [west, east] = [hidden.unproject([0, middle]), hidden.unproject([frame.width, middle])];
    return { picture, bearing: hidden.getBearing(), metresPerPixel: west.distanceTo(east) / frame.width };
  } finally {
    hidden.remove();
    container.remove();
  }
}

/** The same style, without what only a screen needs. */
function forPaper(style: StyleSpecification): StyleSpecification {
  return { ...style, layers: style.layers.filter(({ id }) => !id.startsWith('selection-')) };
}

function atRest(map: MapLibreMap): Promise<void> {
  return new Promise((resolve, reject) => {
    const deadline = setTimeout(() => reject(new Error('the map did not come to rest')), DRAW_DEADLINE_MS);
    map.once('idle', () => {
      clearTimeout(deadline);
      resolve();
    });
  });
}

function paintHead(context: CanvasRenderingContext2D, { title, warning }: Print, frame: Box): void {
  context.textBaseline = 'alphabetic';
  context.textAlign = 'left';
  context.fillStyle = INK;
  context.font = `600 23px ${FONT}`;
  context.fillText(fitted(context, title, frame.width * 0.78), frame.x, HEAD - 8);
  context.textAlign = 'right';
  context.font = `400 13px ${FONT}`;
  context.fillStyle = SOFT;
  context.fillText(day(localToday()), frame.x + frame.width, HEAD - 8);
  if (!warning) return;
  context.textAlign = 'left';
  context.font = `600 12.5px ${FONT}`;
  const width = context.measureText(warning).width + 20;
  context.fillStyle = '#fff2cc';
  context.fillRect(frame.x, frame.y, width, 26);
  context.fillStyle = '#6b4a08';
  context.fillText(warning, frame.x + 10, frame.y + 17.5);
}

/** Today by the reader's clock, YYYY-MM-DD. */
export function localToday(): string {
  const now = new Date();
  return new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
}

function paintNorth(context: CanvasRenderingContext2D, x: number, y: number, bearing: number): void {
  context.save();
  context.translate(x, y);
  context.beginPath();
  context.arc(0, 0, 22, 0, 2 * Math.PI);
  context.fillStyle = 'rgb(255 255 255 / 88%)';
  context.fill();
  context.rotate((-bearing * Math.PI) / 180);
  const half = (side: number, color: string) => {
    context.beginPath();
    context.moveTo(0, -9);
    context.lineTo(7 * side, 15);
    context.lineTo(0, 10);
    context.closePath();
    context.fillStyle = color;
    context.fill();
  };
  half(-1, INK);
  half(1, '#8c9aa0');
  context.fillStyle = INK;
  context.font = `600 10px ${FONT}`;
  context.textAlign = 'center';
  context.fillText('N', 0, -11);
  context.restore();
}

function paintScale(context: CanvasRenderingContext2D, frame: Box, metresPerPixel: number): void {
  const metres = roundLength(130 * metresPerPixel);
  const width = metres / metresPerPixel;
  const [x, y] = [frame.x + 14, frame.y + frame.height - 16];
  context.fillStyle = 'rgb(255 255 255 / 88%)';
  context.fillRect(x - 8, y - 22, width + 16, 32);
  context.strokeStyle = INK;
  context.lineWidth = 1.5;
  context.beginPath();
  context.moveTo(x, y - 5);
  context.lineTo(x, y + 3);
  context.lineTo(x + width, y + 3);
  context.lineTo(x + width, y - 5);
  context.stroke();
  context.fillStyle = INK;
  context.font = `600 11px ${FONT}`;
  context.textAlign = 'center';
  context.fillText(distance(metres), x + width / 2, y - 6);
}

/** The greatest of 1, 2, 5 times a power of ten that is not above. */
function roundLength(metres: number): number {
  const power = 10 ** Math.floor(Math.log10(metres));
  const lead = [5, 2, 1].find((step) => step * power <= metres) ?? 1;
  return lead * power;
}

function paintLegend(context: CanvasRenderingContext2D, { legends }: Print, frame: Box, sprites: Sprites): void {
  const rows = legendRows(legends).slice(0, Math.floor((frame.height - 150) / ROW));
  if (rows.length === 0) return;
  const height = rows.length * ROW + 18;
  const [x, y] = [frame.x + frame.width - LEGEND_WIDTH - 10, frame.y + frame.height - height - 10];
  context.fillStyle = 'rgb(255 255 255 / 92%)';
  context.fillRect(x, y, LEGEND_WIDTH, height);
  context.textAlign = 'left';
  rows.forEach((row, at) => {
    const top = y + 10 + at * ROW;
    context.fillStyle = INK;
    context.font = `${row.swatch ? 400 : 600} 11.5px ${FONT}`;
    const left = row.swatch ? x + 18 + SWATCH_WIDTH : x + 12;
    if (row.swatch) paintSwatch(context, row.swatch, sprites, x + 10, top);
    context.fillText(fitted(context, row.label, x + LEGEND_WIDTH - left - 8), left, top + SWATCH_HEIGHT / 2 + 4);
  });
}

/** As much of a text as has room. */
function fitted(context: CanvasRenderingContext2D, label: string, width: number): string {
  if (context.measureText(label).width <= width) return label;
  let shorter = label;
  while (shorter !== '' && context.measureText(`${shorter}…`).width > width) shorter = shorter.slice(0, -1);
  return `${shorter.trimEnd()}…`;
}

interface LegendRow {
  label: string;
  swatch?: Legend['swatches'][number];
}

/** A layer without classes is one row; one with classes has a heading. */
function legendRows(legends: Print['legends']): LegendRow[] {
  return legends.flatMap(({ layer, legend }) => {
    const rows = legend.swatches.map((swatch) => ({ swatch, label: swatchLabel(layer, legend, swatch) }));
    return legend.attribute ? [{ label: text(layer.title) }, ...rows] : rows;
  });
}

function paintFoot(context: CanvasRenderingContext2D, { paper, sources }: Print): void {
  context.fillStyle = SOFT;
  context.font = `400 10px ${FONT}`;
  context.textAlign = 'left';
  const words = ['Urbis', ...sources, 'MapLibre'];
  const lines: string[] = [''];
  for (const part of words) {
    const last = lines.at(-1) ?? '';
    const longer = last === '' ? part : `${last} · ${part}`;
    if (context.measureText(longer).width <= paper.width - 2 * MARGIN) lines[lines.length - 1] = longer;
    else lines.push(part);
  }
  lines.slice(0, 3).forEach((line, at) => context.fillText(line, MARGIN, paper.height - FOOT + 12 + at * 13, paper.width - 2 * MARGIN));
}

function toPng(canvas: HTMLCanvasElement): Promise<Blob> {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('the picture is too large'))), 'image/png');
  });
}
