// What an order of units rests on, and how old that is: the last lines of the incident card.

import { type Answer, candidatesOf } from './candidates';
import { element } from './dom';
import { number, word } from './i18n';
import { ago, phrase } from './phrases';

/** Writes revision, epochs and ages. */
export function drawBasis(answer: Answer): HTMLElement {
  const { basis } = answer;
  const { revision, epoch, fleet_epoch: fleet, city_age_s: city, road_state_age_s: roads } = basis;
  const ages = candidatesOf(answer).flatMap(({ position_age_s: age }) => (age === null ? [] : [age]));
  const lines = [
    phrase('basisUnits', { eligible: basis.eligible_count, all: basis.unit_count }),
    ages.length === 0 ? '' : `${word('basisOldest')}: ${ago(Math.max(...ages))}`,
    `${word('basisRoads')}: ${ago(city)}, ${word('revision')} ${number(revision)}`,
    phrase('basisConditions', { count: number(basis.condition_count) }),
    `${word('basisLive')}: ${roads === null ? word('basisNoReport') : ago(roads)}`,
    `${word('basisEpoch')} ${epoch}/${fleet}`,
  ];
  return element('p', { class: 'sheet-foot basis', id: 'incident-basis' }, `${lines.filter((line) => line !== '').join(' · ')}.`);
}
