// A finger that rests on the map, or the mouse's other button: a second way to mean a place.

import type { Map as MapLibreMap, MapMouseEvent, MapTouchEvent } from 'maplibre-gl';
import type { LonLat } from './api';

const REST_MS = 550;

/** A finger that rests moves a little, pixels. */
const TREMBLE_PX = 10;

/** Runs `act` with the place of each long press, or press of the other button. */
export function onLongPress(map: MapLibreMap, act: (place: LonLat) => void): void {
  let resting: ReturnType<typeof setTimeout> | undefined;
  let start: { x: number; y: number } | undefined;
  let pressedAt = -Infinity;
  const forget = () => clearTimeout(resting);
  const press = ({ lng, lat }: { lng: number; lat: number }) => {
    // Some browsers tell of a resting finger as of the other button, too.
    if (performance.now() - pressedAt < 2 * REST_MS) return;
    pressedAt = performance.now();
    act([lng, lat]);
  };
  map.on('contextmenu', (event: MapMouseEvent) => {
    event.preventDefault();
    press(event.lngLat);
  });
  map.on('touchstart', (event: MapTouchEvent) => {
    forget();
    start = event.point;
    if (event.points.length === 1) resting = setTimeout(() => press(event.lngLat), REST_MS);
  });
  map.on('touchmove', (event: MapTouchEvent) => {
    if (start && Math.hypot(event.point.x - start.x, event.point.y - start.y) > TREMBLE_PX) forget();
  });
  for (const end of ['touchend', 'touchcancel'] as const) map.on(end, forget);
}
