// How a swatch is painted: once for the panel and for the print, on a canvas.

import type { StyleImage } from 'maplibre-gl';
import { element } from './dom';
import type { Swatch } from './legend';

/** Size of a swatch in CSS pixels. */
export const SWATCH_WIDTH = 30;
export const SWATCH_HEIGHT = 16;

/** Screens of today have two pixels to one of CSS. */
const PIXEL_RATIO = 2;

/** Of what is written on a canvas: the page's own. */
export const FONT = "'Be Vietnam Pro', system-ui, sans-serif";

const DOT_RADIUS = 5;

/** Sprites by name, once the map has read them. */
export type Sprites = (name: string) => StyleImage | undefined;

/** A swatch as an element of the page. */
export function drawSwatch(swatch: Swatch, sprites: Sprites): HTMLCanvasElement {
  const canvas = element('canvas', {
    class: 'swatch',
    width: SWATCH_WIDTH * PIXEL_RATIO,
    height: (SWATCH_HEIGHT + 4) * PIXEL_RATIO,
    'aria-hidden': 'true',
  });
  const context = canvas.getContext('2d');
  if (!context) return canvas;
  context.scale(PIXEL_RATIO, PIXEL_RATIO);
  paintSwatch(context, swatch, sprites, 0, 2);
  return canvas;
}

/** Paints a swatch with its upper left corner at a place. */
export function paintSwatch(
  context: CanvasRenderingContext2D,
  swatch: Swatch,
  sprites: Sprites,
  left: number,
  top: number,
): void {
  context.save();
  context.translate(left, top);
  const sprite = swatch.icon === undefined ? undefined : sprites(swatch.icon);
  if (swatch.kind === 'fill') paintFill(context, swatch);
  else if (swatch.kind === 'line') paintLine(context, swatch);
  else if (swatch.kind === 'text') paintText(context, swatch);
  else if (!sprite) paintDot(context, swatch);
  if (sprite) paintSprite(context, sprite);
  context.restore();
}

function paintFill(context: CanvasRenderingContext2D, { color, fillOpacity, outline, dashes, width }: Swatch): void {
  context.beginPath();
  context.roundRect(1, 1, SWATCH_WIDTH - 2, SWATCH_HEIGHT - 2, 3);
  context.globalAlpha = fillOpacity ?? 1;
  context.fillStyle = color;
  context.fill();
  context.globalAlpha = 1;
  if (!outline) return;
  context.setLineDash((dashes ?? []).map((dash) => dash * width));
  context.strokeStyle = outline;
  context.lineWidth = 1.2;
  context.stroke();
}

function paintLine(context: CanvasRenderingContext2D, { color, outline, dashes, width }: Swatch): void {
  const stroke = (style: string, lineWidth: number, dash: number[]) => {
    context.beginPath();
    context.moveTo(3, SWATCH_HEIGHT / 2);
    context.lineTo(SWATCH_WIDTH - 3, SWATCH_HEIGHT / 2);
    context.lineCap = dash.length > 0 ? 'butt' : 'round';
    context.setLineDash(dash);
    context.strokeStyle = style;
    context.lineWidth = lineWidth;
    context.stroke();
  };
  if (outline) stroke(outline, width + 2, []);
  stroke(color, width, (dashes ?? []).map((dash) => dash * width));
}

/** A layer that is only names. */
function paintText(context: CanvasRenderingContext2D, { color }: Swatch): void {
  context.fillStyle = color;
  context.font = `600 13px ${FONT}`;
  context.textAlign = 'center';
  context.fillText('Aa', SWATCH_WIDTH / 2, SWATCH_HEIGHT / 2 + 5);
}

function paintDot(context: CanvasRenderingContext2D, { color, outline }: Swatch): void {
  context.beginPath();
  context.arc(SWATCH_WIDTH / 2, SWATCH_HEIGHT / 2, DOT_RADIUS, 0, 2 * Math.PI);
  context.fillStyle = color;
  context.fill();
  context.strokeStyle = outline ?? '#ffffff';
  context.lineWidth = 1.5;
  context.stroke();
}

function paintSprite(context: CanvasRenderingContext2D, sprite: StyleImage): void {
  const { width, height, data } = sprite.data;
  const picture = document.createElement('canvas');
  picture.width = width;
  picture.height = height;
  const bytes = new Uint8ClampedArray(data);
  // Sprites come with their colours multiplied by their opacity; a canvas wants them plain.
  for (let at = 0; at < bytes.length; at += 4) {
    const alpha = (bytes[at + 3] ?? 0) / 255;
    if (alpha === 0) continue;
    for (let channel = at; channel < at + 3; channel += 1) bytes[channel] = (bytes[channel] ?? 0) / alpha;
  }
  picture.getContext('2d')?.putImageData(new ImageData(bytes, width, height), 0, 0);
  const scale = Math.min(1 / sprite.pixelRatio, (SWATCH_HEIGHT + 4) / height, SWATCH_WIDTH / width);
  const [w, h] = [width * scale, height * scale];
  context.drawImage(picture, (SWATCH_WIDTH - w) / 2, (SWATCH_HEIGHT - h) / 2, w, h);
}
