// What an answer draws on the map: the place, the way of the first unit, another way that is looked
// at, and where a road ends before the place.

import type { LonLat } from './api';
import { type Answer, type Candidate, candidatesOf } from './candidates';
import type { Drawing } from './drawn_style';
import { lineMark, type Mark, pointMark } from './marks';

/** What is drawn from. */
interface Marked {
  place: LonLat;
  answer: Answer | undefined;
  /** The unit whose way is looked at. */
  regarded: string | undefined;
}

/** Works out the marks. */
export function incidentMarks({ place, answer, regarded }: Marked): Drawing['marks'] {
  const features = [pointMark(place)];
  if (answer) {
    const all = candidatesOf(answer);
    const [first] = all;
    const other = all.find(({ unit_id: id }) => id === regarded && id !== first?.unit_id);
    const near = answer.rejected.find(({ unit_id: id }) => id === regarded);
    features.unshift(
      ...(first ? wayOf(first, place, 'first') : []),
      ...(other ? wayOf(other, place, 'other') : []),
      ...(near?.position ? [lineMark([near.position, place])] : []),
      ...(answer.cut_off ? [lineMark([answer.cut_off.place, place])] : []),
    );
  }
  return { type: 'FeatureCollection', features };
}

function wayOf({ geometry, position }: Candidate, place: LonLat, route: 'first' | 'other'): Mark[] {
  if (geometry) return [lineMark(geometry.coordinates, { route })];
  // Where only the straight line is known, it looks like one.
  return position ? [lineMark([position, place])] : [];
}
