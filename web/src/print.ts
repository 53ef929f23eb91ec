// A print of the map: the same style drawn anew at twice the pixels on a hidden map, and composed
// with title, legend, scale, north arrow and sources on one canvas.

import { Map as MapLibreMap, type StyleSpecification } from 'maplibre-gl';
import { day, distance, localToday, text, word } from './i18n';
import type { Swatch } from './legend';
import { swatchLabel } from './legend_list';
import type { CityMap } from './map';
import type { DrawnLegend } from './panel';
import { FONT, paintSwatch, type Sprites, SWATCH_HEIGHT, SWATCH_WIDTH } from './swatch';

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
const PRINT_SCALE = 2;

const MARGIN = 32;
const HEAD = 58;
const FOOT_PADDING = 18;
const FOOT_ROW = 13;
const WARNING_ROW = 17;
const LEGEND_WIDTH = 250;
const ROW = 19;

/** Room of the north arrow above the legend, and of the scale bar beside it. */
const NORTH_HEIGHT = 72;
const SCALE_WIDTH = 180;

const FOOT_FONT = `400 10px ${FONT}`;
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
export async function drawPrint(print: Print, city: CityMap, style: StyleSpecification, sprites: Sprites): Promise<Blob> {
  const { width, height } = print.paper;
  await document.fonts.ready;
  const canvas = document.createElement('canvas');
  canvas.width = width * PRINT_SCALE;
  canvas.height = height * PRINT_SCALE;
  const context = canvas.getContext('2d');
  if (!context) throw new Error('the browser gives no canvas');
  context.scale(PRINT_SCALE, PRINT_SCALE);
  const foot = footLines(context, print);
  const footHeight = FOOT_PADDING + foot.length * FOOT_ROW;
  const frame: Box = { x: MARGIN, y: HEAD + 12, width: width - 2 * MARGIN, height: height - HEAD - footHeight - 20 };
  const drawn = await drawMap(city, style, frame);
  context.fillStyle = '#ffffff';
  context.fillRect(0, 0, width, height);
  context.drawImage(drawn.picture, frame.x, frame.y, frame.width, frame.height);
  context.strokeStyle = '#9aa8ad';
  context.strokeRect(frame.x, frame.y, frame.width, frame.height);
  paintHead(context, print, frame);
  const top = frame.y + paintWarning(context, print, frame);
  const clear: Box = { ...frame, y: top, height: frame.y + frame.height - top };
  paintNorth(context, clear.x + clear.width - 34, clear.y + 36, drawn.bearing);
  paintScale(context, clear, drawn.metresPerPixel);
  paintLegend(context, print, clear, sprites);
  paintFoot(context, foot, height - footHeight);
  return toPng(canvas);
}

interface DrawnMap {
  picture: HTMLCanvasElement;
  bearing: number;
  metresPerPixel: number;
}

/** Draws the map that is on the screen with the same centre and zoom into a frame of another shape. */
async function drawMap(city: CityMap, style: StyleSpecification, frame: Box): Promise<DrawnMap> {
  const container = document.createElement('div');
  container.className = 'print-map';
  container.style.width = `${frame.width}px`;
  container.style.height = `${frame.height}px`;
  container.inert = true;
  document.body.append(container);
  const { map } = city;
  const hidden = new MapLibreMap({
    container,
    style: forPaper(city.drawnStyle(style)),
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

function paintHead(context: CanvasRenderingContext2D, { title }: Print, frame: Box): void {
  context.textBaseline = 'alphabetic';
  context.textAlign = 'left';
  context.fillStyle = INK;
  context.font = `600 23px ${FONT}`;
  context.fillText(fitted(context, plain(title), frame.width * 0.78), frame.x, HEAD - 8);
  context.textAlign = 'right';
  context.font = `400 13px ${FONT}`;
  context.fillStyle = SOFT;
  context.fillText(day(localToday()), frame.x + frame.width, HEAD - 8);
}

/** Without letters that turn the direction of those beside them, which would turn the date as well. */
function plain(title: string): string {
  return title.replace(/\p{Bidi_Control}|\p{Cc}/gu, '');
}

/** Writes the warning over the whole width of the frame, all of it; gives its height. */
function paintWarning(context: CanvasRenderingContext2D, { warning }: Print, frame: Box): number {
  if (!warning) return 0;
  context.textAlign = 'left';
  context.font = `600 12.5px ${FONT}`;
  const lines = wrapped(context, warning.split(' '), ' ', frame.width - 20);
  const height = lines.length * WARNING_ROW + 9;
  context.fillStyle = '#fff2cc';
  context.fillRect(frame.x, frame.y, frame.width, height);
  context.fillStyle = '#6b4a08';
  lines.forEach((line, at) => context.fillText(line, frame.x + 10, frame.y + 17.5 + at * WARNING_ROW));
  return height;
}

/** Parts in lines that have room for them; a part that is wider than a line has one to itself. */
function wrapped(context: CanvasRenderingContext2D, parts: string[], between: string, width: number): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const longer = lines.length === 0 ? part : `${lines.at(-1)}${between}${part}`;
    if (lines.length > 0 && context.measureText(longer).width <= width) lines[lines.length - 1] = longer;
    else lines.push(part);
  }
  return lines;
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
  context.fillText(word('northMark'), 0, -11);
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
  const columns = legendColumns(legendRows(legends), frame);
  const [first] = columns;
  if (!first) return;
  const [width, height] = [columns.length * LEGEND_WIDTH, first.length * ROW + 18];
  const [x, y] = [frame.x + frame.width - width - 10, frame.y + frame.height - height - 10];
  context.fillStyle = 'rgb(255 255 255 / 92%)';
  context.fillRect(x, y, width, height);
  context.textAlign = 'left';
  columns.forEach((rows, column) => paintColumn(context, rows, sprites, x + column * LEGEND_WIDTH, y + 10));
}

function paintColumn(context: CanvasRenderingContext2D, rows: LegendRow[], sprites: Sprites, x: number, y: number): void {
  rows.forEach((row, at) => {
    const top = y + at * ROW;
    context.fillStyle = INK;
    context.font = `${row.swatch ? 400 : 600} 11.5px ${FONT}`;
    const left = row.swatch ? x + 18 + SWATCH_WIDTH : x + 12;
    if (row.swatch) paintSwatch(context, row.swatch, sprites, x + 10, top);
    context.fillText(fitted(context, row.label, x + LEGEND_WIDTH - left - 8), left, top + SWATCH_HEIGHT / 2 + 4);
  });
}

/** The rows in as many columns as have room beside the scale bar; the last row says how many had none. */
function legendColumns(rows: LegendRow[], frame: Box): LegendRow[][] {
  const length = Math.floor((frame.height - NORTH_HEIGHT - 40) / ROW);
  const most = Math.max(1, Math.floor((frame.width - SCALE_WIDTH) / LEGEND_WIDTH));
  const room = length * most;
  const more = { label: `… +${rows.length - room + 1}` };
  const shown = rows.length > room ? [...rows.slice(0, room - 1), more] : rows;
  const needed = Math.ceil(shown.length / length);
  const even = Math.ceil(shown.length / needed);
  return Array.from({ length: needed }, (_, at) => shown.slice(at * even, (at + 1) * even));
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
  swatch?: Swatch;
}

/** A layer without classes is one row; one with classes has a heading. */
function legendRows(legends: Print['legends']): LegendRow[] {
  return legends.flatMap(({ layer, swatches }) => {
    const rows = swatches.map((swatch) => ({ swatch, label: swatchLabel(layer, swatch) }));
    return swatches.some(({ attribute }) => attribute) ? [{ label: text(layer.title) }, ...rows] : rows;
  });
}

/** Names of all whose work is on the print, in lines. */
function footLines(context: CanvasRenderingContext2D, { paper, sources }: Print): string[] {
  context.font = FOOT_FONT;
  return wrapped(context, ['Urbis', ...sources, 'MapLibre'], ' · ', paper.width - 2 * MARGIN);
}

function paintFoot(context: CanvasRenderingContext2D, lines: string[], top: number): void {
  context.fillStyle = SOFT;
  context.font = FOOT_FONT;
  context.textAlign = 'left';
  lines.forEach((line, at) => context.fillText(line, MARGIN, top + 12 + at * FOOT_ROW));
}

function toPng(canvas: HTMLCanvasElement): Promise<Blob> {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('the picture is too large'))), 'image/png');
  });
}
