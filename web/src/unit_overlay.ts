// Units drawn over the map on a canvas of their own: forty vehicles that move do not make the map
// draw its streets anew. It runs only while a unit glides or the map moves.

import type { Map as MapLibreMap } from 'maplibre-gl';
import type { LonLat } from './api';
import { element } from './dom';
import { serverNow } from './server_clock';
import { drawSymbol, lettersOf, STATUS_LOOKS, symbolSize } from './unit_symbols';
import { isOld, type PlacedUnit, type Units } from './units';
import type { Unit } from './units_api';

/** Slower than this a unit points nowhere. */
const DRIVES_KMH = 4;

/** A finger misses a symbol by this much, pixels. */
const REACH_PX = 18;

/** Beyond the edge of the screen a symbol is still seen in part, pixels. */
const MARGIN_PX = 30;

const RANK_COLOR = '#0b5c6b';
const CHOSEN_COLOR = '#d6336c';

/** A unit on the screen; pixels. */
export interface DrawnUnit extends PlacedUnit {
  x: number;
  y: number;
}

/** What stands out among the units. */
export interface Emphasis {
  /** The unit whose sheet is open. */
  chosen: string | undefined;
  /** Places in the order of arrival, by unit. */
  ranks: ReadonlyMap<string, number>;
}

export class UnitOverlay {
  private readonly canvas = element('canvas', { class: 'unit-overlay', 'aria-hidden': 'true' });
  private frame: number | undefined;
  /** So many units on the screen looked old when they were drawn. */
  private drawnOld = 0;
  private emphasis: Emphasis = { chosen: undefined, ranks: new Map() };
  private isShown = true;

  constructor(
    private readonly map: MapLibreMap,
    private readonly units: Units,
  ) {
    map.getCanvasContainer().append(this.canvas);
    map.on('render', () => this.draw());
    map.on('resize', () => this.draw());
    units.onChange(() => this.schedule());
    void document.fonts.ready.then(() => this.schedule());
  }

  /** Marks units; the others are drawn as ever. */
  emphasize(emphasis: Partial<Emphasis>): void {
    this.emphasis = { ...this.emphasis, ...emphasis };
    this.schedule();
  }

  show(isShown: boolean): void {
    this.isShown = isShown;
    this.schedule();
  }

  redraw(): void {
    this.schedule();
  }

  /** Draws again where a unit has become old since: a silent one tells nobody. */
  followAges(): void {
    if (this.isShown && this.onScreen().filter(hasOldFix).length !== this.drawnOld) this.schedule();
  }

  /** The unit that a person means by a place on the screen, in pixels. */
  pick(x: number, y: number): Unit | undefined {
    if (!this.isShown) return undefined;
    const near = this.onScreen().map((one) => ({ ...one, gap: Math.hypot(one.x - x, one.y - y) }));
    const [nearest] = near.filter(({ gap }) => gap <= REACH_PX).sort((one, other) => one.gap - other.gap);
    return nearest?.unit;
  }

  /** Where each unit that is on the screen is drawn, in pixels. */
  onScreen(): DrawnUnit[] {
    const { clientWidth: width, clientHeight: height } = this.map.getContainer();
    return this.units.placed(performance.now()).flatMap(({ unit, place }) => {
      const { x, y } = this.map.project(place as LonLat);
      const isSeen = x > -MARGIN_PX && y > -MARGIN_PX && x < width + MARGIN_PX && y < height + MARGIN_PX;
      return isSeen ? [{ unit, place, x, y }] : [];
    });
  }

  private schedule(): void {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = undefined;
      this.draw();
      if (this.isShown && this.units.isMoving(performance.now())) this.schedule();
    });
  }

  private draw(): void {
    const context = this.clear();
    if (!context || !this.isShown) return;
    const { ranks, chosen } = this.emphasis;
    const weight = ({ unit }: PlacedUnit) => (ranks.has(unit.id) ? 1 : 0) + (unit.id === chosen ? 2 : 0);
    const inOrder = this.onScreen().sort((one, other) => weight(one) - weight(other) || (one.unit.id < other.unit.id ? 1 : -1));
    this.drawnOld = inOrder.filter(hasOldFix).length;
    for (const { unit, x, y } of inOrder) {
      context.save();
      context.translate(x, y);
      this.drawUnit(context, unit);
      context.restore();
    }
  }

  private clear(): CanvasRenderingContext2D | null {
    const { clientWidth: width, clientHeight: height } = this.map.getContainer();
    const scale = window.devicePixelRatio;
    if (this.canvas.width !== width * scale || this.canvas.height !== height * scale) {
      [this.canvas.width, this.canvas.height] = [width * scale, height * scale];
    }
    const context = this.canvas.getContext('2d');
    context?.setTransform(scale, 0, 0, scale, 0, 0);
    context?.clearRect(0, 0, width, height);
    return context;
  }

  private drawUnit(context: CanvasRenderingContext2D, unit: Unit): void {
    const { chosen, ranks } = this.emphasis;
    const rank = ranks.get(unit.id);
    const size = symbolSize(rank === undefined ? this.map.getZoom() : Infinity);
    if (unit.id === chosen) drawRing(context, size.radius + 7);
    drawSymbol(context, {
      ...size,
      look: STATUS_LOOKS[unit.status],
      letters: lettersOf(unit),
      isOld: hasOldFix({ unit }),
      isSimulated: unit.simulated,
      direction: this.directionOf(unit),
    });
    if (rank !== undefined) drawRank(context, rank, size.radius);
  }

  private directionOf({ fix }: Unit): number | undefined {
    if (fix?.headingDeg === undefined || (fix.speedKmh ?? 0) < DRIVES_KMH) return undefined;
    return ((fix.headingDeg - this.map.getBearing()) * Math.PI) / 180;
  }
}

function hasOldFix({ unit }: Pick<PlacedUnit, 'unit'>): boolean {
  return isOld(serverNow() - (unit.fix?.observedAt ?? 0));
}

function drawRing(context: CanvasRenderingContext2D, radius: number): void {
  context.beginPath();
  context.arc(0, 0, radius, 0, 2 * Math.PI);
  context.lineWidth = 3;
  context.strokeStyle = CHOSEN_COLOR;
  context.stroke();
}

function drawRank(context: CanvasRenderingContext2D, rank: number, radius: number): void {
  const at = radius + 4;
  context.beginPath();
  context.arc(at, -at, 9, 0, 2 * Math.PI);
  context.fillStyle = RANK_COLOR;
  context.fill();
  context.lineWidth = 1.5;
  context.strokeStyle = '#ffffff';
  context.stroke();
  context.font = "600 12px 'Be Vietnam Pro', sans-serif";
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.fillStyle = '#ffffff';
  context.fillText(String(rank), at, -at + 0.5);
}
