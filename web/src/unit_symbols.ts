// How a unit looks: its letters say what it is; shape and colour, each by itself, say what it does.

import { language } from './i18n';
import type { Unit, UnitStatus } from './units_api';
import type { Word } from './i18n';

/** Outlines, each as points of a square from -1 to 1; a circle has none. */
type Outline = readonly (readonly [x: number, y: number])[];

/** The look of a status. */
export interface StatusLook {
  name: Word;
  /** `#rrggbb`, dark enough for white letters. */
  color: string;
  /** A circle where absent. */
  outline?: Outline;
  /** A line through it: not to be counted on. */
  isStruck?: boolean;
}

const DIAMOND: Outline = [[0, -1.25], [1.25, 0], [0, 1.25], [-1.25, 0]];
const SQUARE: Outline = [[-1, -0.95], [1, -0.95], [1, 0.95], [-1, 0.95]];
const HOUSE: Outline = [[0, -1.35], [1.1, -0.45], [1.1, 1], [-1.1, 1], [-1.1, -0.45]];
const HEXAGON: Outline = [[-0.62, -1], [0.62, -1], [1.2, 0], [0.62, 1], [-0.62, 1], [-1.2, 0]];
const TRIANGLE: Outline = [[0, -1.5], [1.45, 1], [-1.45, 1]];

/** All statuses, in the order of a run. */
export const STATUS_LOOKS: Record<UnitStatus, StatusLook> = {
  available: { name: 'unitAvailable', color: '#1b7a4a' },
  assigned: { name: 'unitAssigned', color: '#8a5a00', outline: TRIANGLE },
  en_route: { name: 'unitEnRoute', color: '#b0410c', outline: DIAMOND },
  on_scene: { name: 'unitOnScene', color: '#b3261e', outline: SQUARE },
  to_hospital: { name: 'unitToHospital', color: '#6b3fa0', outline: HOUSE },
  returning: { name: 'unitReturning', color: '#1f5fa8', outline: HEXAGON },
  out_of_service: { name: 'unitOutOfService', color: '#5b686e', outline: SQUARE, isStruck: true },
};

/** Letters and name of a kind of unit. */
interface Kind {
  name: Word;
  letters: { vi: string; en: string };
}

/** Kinds by profile of profiles/vehicle; one that is not here shows the beginning of its id. */
export const KINDS: Record<string, Kind> = {
  ambulance: { name: 'kindAmbulance', letters: { vi: 'CT', en: 'A' } },
  motorbike_ambulance: { name: 'kindMotorbike', letters: { vi: 'XM', en: 'M' } },
  pumper: { name: 'kindPumper', letters: { vi: 'CC', en: 'P' } },
  ladder: { name: 'kindLadder', letters: { vi: 'TH', en: 'L' } },
  rescue_truck: { name: 'kindRescue', letters: { vi: 'CH', en: 'R' } },
  boat: { name: 'kindBoat', letters: { vi: 'XU', en: 'B' } },
};

/** The police drive what others drive. */
const POLICE_AGENCY = '113';
export const POLICE: Kind = { name: 'kindPolice', letters: { vi: 'CA', en: 'PO' } };

/** The kind of a unit, where the page knows it. */
export function kindOf({ agency, profile }: Pick<Unit, 'agency' | 'profile'>): Kind | undefined {
  return agency === POLICE_AGENCY ? POLICE : KINDS[profile];
}

/** The letters of a unit in the page's language. */
export function lettersOf(unit: Pick<Unit, 'agency' | 'profile'>): string {
  return kindOf(unit)?.letters[language()] ?? unit.profile.slice(0, 2).toUpperCase();
}

/** Half the width of a symbol in pixels, and what of it is drawn, for a zoom. */
export function symbolSize(zoom: number): { radius: number; hasLetters: boolean } {
  const isFar = zoom < 11.5;
  return { radius: isFar ? 5 : 11, hasLetters: !isFar };
}

/** What decides how a symbol is drawn. */
export interface Symbol {
  look: StatusLook;
  letters: string;
  /** Pixels. */
  radius: number;
  hasLetters: boolean;
  /** Nothing was heard of it for a while. */
  isOld: boolean;
  isSimulated: boolean;
  /** Radians clockwise from the top of the screen, while it drives. */
  direction: number | undefined;
}

const PAPER = '#ffffff';

/** Draws a symbol around the origin of a canvas. */
export function drawSymbol(context: CanvasRenderingContext2D, symbol: Symbol): void {
  const { look, radius, isOld, isSimulated, hasLetters, direction } = symbol;
  if (direction !== undefined) drawArrow(context, look.color, radius, direction);
  trace(context, look.outline, radius);
  context.fillStyle = isOld ? PAPER : look.color;
  context.fill();
  // A dashed rim: made up.
  context.setLineDash(isSimulated && hasLetters ? [3, 2] : []);
  context.lineWidth = 2;
  context.strokeStyle = isOld ? look.color : PAPER;
  context.stroke();
  context.setLineDash([]);
  if (hasLetters) drawLetters(context, symbol);
  if (look.isStruck) strike(context, radius, isOld ? look.color : PAPER);
}

function trace(context: CanvasRenderingContext2D, outline: Outline | undefined, radius: number): void {
  context.beginPath();
  if (!outline) {
    context.arc(0, 0, radius, 0, 2 * Math.PI);
    return;
  }
  outline.forEach(([x, y]) => context.lineTo(x * radius, y * radius));
  context.closePath();
}

function drawArrow(context: CanvasRenderingContext2D, color: string, radius: number, direction: number): void {
  context.save();
  context.rotate(direction);
  context.beginPath();
  context.moveTo(0, -radius * 1.95);
  context.lineTo(radius * 0.6, -radius * 1.05);
  context.lineTo(-radius * 0.6, -radius * 1.05);
  context.closePath();
  context.fillStyle = color;
  context.strokeStyle = PAPER;
  context.lineWidth = 2;
  context.stroke();
  context.fill();
  context.restore();
}

function drawLetters(context: CanvasRenderingContext2D, { letters, look, isOld }: Symbol): void {
  context.font = "600 10px 'Be Vietnam Pro', sans-serif";
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.fillStyle = isOld ? look.color : PAPER;
  context.fillText(letters, 0, 0.5);
}

function strike(context: CanvasRenderingContext2D, radius: number, color: string): void {
  context.beginPath();
  context.moveTo(-radius, radius * 0.95);
  context.lineTo(radius, -radius * 0.95);
  context.lineWidth = 1.6;
  context.strokeStyle = color;
  context.stroke();
}
