// A unit's symbol in a list or a legend, drawn as on the map.

import { element } from './dom';
import { drawSymbol, lettersOf, STATUS_LOOKS } from './unit_symbols';
import type { UnitStatus } from './units_api';

const SIDE_PX = 36;
const RADIUS_PX = 11;

/** What a swatch needs of a unit; the simulated one has a dashed rim. */
export interface Swatched {
  agency: string;
  profile: string;
  status: UnitStatus;
  is_simulated?: boolean;
  is_old?: boolean;
}

/** Draws a unit's symbol; the words beside it say the same. */
export function unitSwatch(unit: Swatched, letters = lettersOf(unit)): HTMLElement {
  const scale = window.devicePixelRatio;
  const canvas = element('canvas', { class: 'unit-swatch', 'aria-hidden': 'true', width: SIDE_PX * scale, height: SIDE_PX * scale });
  const context = canvas.getContext('2d');
  if (context) {
    context.setTransform(scale, 0, 0, scale, (SIDE_PX / 2) * scale, (SIDE_PX / 2) * scale);
    drawSymbol(context, {
      look: STATUS_LOOKS[unit.status],
      letters,
      radius: RADIUS_PX,
      hasLetters: true,
      isOld: unit.is_old ?? false,
      isSimulated: unit.is_simulated ?? false,
      direction: undefined,
    });
  }
  return canvas;
}
