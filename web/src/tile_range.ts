// Tiles as the server names them: rectangles of columns and rows of one zoom.

/** Zoom, then the columns and rows from and to, all included. */
export type TileRange = [z: number, minX: number, minY: number, maxX: number, maxY: number];

/** An XYZ address. */
export interface TileId {
  z: number;
  x: number;
  y: number;
}

/** Changed tiles by layer. */
export type ChangedTiles = Record<string, TileRange[]>;

/** Whether a tile is in one of the ranges. */
export function isIn(ranges: readonly TileRange[], { z, x, y }: TileId): boolean {
  return ranges.some(([zoom, minX, minY, maxX, maxY]) => z === zoom && x >= minX && x <= maxX && y >= minY && y <= maxY);
}
