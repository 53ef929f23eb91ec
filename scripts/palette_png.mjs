// Writes a picture as a PNG of at most 256 colours, a third of its size in full colour.
//
// Sources: W3C Portable Network Graphics (third edition); median cut after P. Heckbert, "Color
// image quantization for frame buffer display" (1982).

import { deflateSync } from 'node:zlib';

const COLORS = 256;

/** The PNG of `width` times `height` pixels, four bytes each: red, green, blue, and one ignored. */
export function palettePng(pixels, width, height) {
  const palette = paletteOf(pixels);
  const indices = new Map(palette.flatMap(({ members }, index) => members.map(([color]) => [color, index])));
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y += 1) {
    // The first byte of a row is its filter: none.
    for (let x = 0; x < width; x += 1) {
      rows[y * (width + 1) + 1 + x] = indices.get(colorAt(pixels, (y * width + x) * 4));
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // Eight bits a pixel, each the index of a colour.
  header.set([8, 3], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(palette.flatMap(({ mean }) => mean))),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Colours that stand for all others: boxes of colours, the widest halved until there are enough. */
function paletteOf(pixels) {
  const counts = new Map();
  for (let at = 0; at < pixels.length; at += 4) {
    const color = colorAt(pixels, at);
    counts.set(color, (counts.get(color) ?? 0) + 1);
  }
  const boxes = [boxOf([...counts])];
  while (boxes.length < COLORS) {
    boxes.sort((one, other) => one.weight - other.weight);
    if (boxes.at(-1).members.length < 2) break;
    const { members, channel } = boxes.pop();
    members.sort(([one], [other]) => part(one, channel) - part(other, channel));
    const middle = members.length >> 1;
    boxes.push(boxOf(members.slice(0, middle)), boxOf(members.slice(middle)));
  }
  return boxes;
}

/** Colours with their counts, their mean, and how much would be won by halving them. */
function boxOf(members) {
  const total = members.reduce((sum, [, count]) => sum + count, 0);
  const mean = [0, 1, 2].map((channel) => {
    return Math.round(members.reduce((sum, [color, count]) => sum + part(color, channel) * count, 0) / total);
  });
  const spread = [0, 1, 2].map((channel) => {
    return members.reduce((sum, [color, count]) => sum + (part(color, channel) - mean[channel]) ** 2 * count, 0);
  });
  const weight = members.length < 2 ? -1 : Math.max(...spread);
  return { members, mean, weight, channel: spread.indexOf(Math.max(...spread)) };
}

function colorAt(pixels, at) {
  return (pixels[at] << 16) | (pixels[at + 1] << 8) | pixels[at + 2];
}

/** Red, green or blue of a colour. */
function part(color, channel) {
  return (color >> (16 - 8 * channel)) & 0xff;
}

function chunk(type, data) {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const bytes = Buffer.alloc(named.length + 8);
  bytes.writeUInt32BE(data.length, 0);
  named.copy(bytes, 4);
  bytes.writeUInt32BE(crc32(named), named.length + 4);
  return bytes;
}

/** The checksum of PNG's chunks, bit by bit. */
function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
