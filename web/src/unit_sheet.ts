// The sheet of one unit: what it is, what it does, where it was last seen and how long ago. It stays
// true while it is open.

import { closeButton } from './buttons';
import { byId, element, rewrite } from './dom';
import { number, word } from './i18n';
import { ago } from './phrases';
import { serverNow } from './server_clock';
import { unitSwatch } from './unit_swatch';
import { kindOf, STATUS_LOOKS } from './unit_symbols';
import { isOld } from './units';
import type { Unit } from './units_api';

/** Writes the sheet and opens it. */
export function drawUnitSheet(unit: Unit, close: () => void): void {
  const sheet = byId('unit');
  rewrite(sheet, () => {
    sheet.replaceChildren(
      element(
        'div',
        { class: 'sheet-head' },
        element('p', { class: 'kicker' }, kindName(unit)),
        element('h2', { id: 'unit-title', tabindex: -1, dir: 'auto' }, unit.title),
        unit.simulated ? element('p', { class: 'badge badge-synthetic' }, word('simulatedTitle')) : null,
        element('div', { class: 'sheet-buttons' }, closeButton(close, 'unit-close')),
      ),
      element('div', { class: 'sheet-body', id: 'unit-body' }, facts(unit)),
    );
    sheet.hidden = false;
    document.body.classList.add('sheet-open');
  });
}

/** Writes what may have changed, and nothing that has the keyboard. */
export function updateUnitSheet(unit: Unit): void {
  document.getElementById('unit-body')?.replaceChildren(facts(unit));
}

/** Moves the keyboard to the sheet. */
export function focusUnitSheet(): void {
  byId('unit-title').focus();
}

/** Closes the sheet. */
export function hideUnitSheet(): void {
  byId('unit').hidden = true;
  document.body.classList.remove('sheet-open');
}

function kindName(unit: Unit): string {
  const kind = kindOf(unit);
  return kind ? word(kind.name) : unit.profile;
}

function facts(unit: Unit): HTMLElement {
  const { fix, statusSince } = unit;
  const now = serverNow();
  const age = fix && now - fix.observedAt;
  const since = statusSince === undefined ? NaN : now - Date.parse(statusSince);
  const hasOldFix = age !== undefined && isOld(age);
  const swatch = unitSwatch({ ...unit, is_simulated: unit.simulated, is_old: hasOldFix });
  const rows: [string, Node | string | undefined][] = [
    [word('unitStatus'), element('span', { class: 'unit-status' }, swatch, word(STATUS_LOOKS[unit.status].name))],
    [word('unitStatusSince'), Number.isNaN(since) ? undefined : ago(since / 1_000)],
    [word('unitAgency'), unit.agency],
    [word('unitFixAge'), age === undefined ? word('neverSeen') : `${ago(age / 1_000)}${hasOldFix ? ` (${word('unitFixOld')})` : ''}`],
    [word('unitSpeed'), fix?.speedKmh === undefined ? undefined : `${number(fix.speedKmh, 0)}\u00a0km/h`],
    [word('unitAccuracy'), fix?.accuracyM === undefined ? undefined : `± ${number(fix.accuracyM, 0)}\u00a0m`],
    [word('unitCapabilities'), unit.capabilities.length === 0 ? undefined : unit.capabilities.join(', ')],
    [word('unitId'), unit.id],
  ];
  const shown = rows.filter((row): row is [string, Node | string] => row[1] !== undefined);
  return element('dl', {}, ...shown.flatMap(([label, value]) => [element('dt', {}, label), element('dd', {}, value)]));
}
