// The chip that counts the units on the map and says whether they are made up, and the dialog behind
// it: what the symbols mean, and the switch for all of them.

import { openDialog } from './dialog';
import { byId, element } from './dom';
import { language, word } from './i18n';
import { phrase } from './phrases';
import { readStored, store } from './storage';
import { unitSwatch } from './unit_swatch';
import { KINDS, POLICE, STATUS_LOOKS } from './unit_symbols';
import type { Unit, UnitStatus } from './units_api';

const STORAGE_KEY = 'urbis-units';

/** Whether units are on the map; kept for the next visits. */
export function areUnitsShown(): boolean {
  return readStored('localStorage', STORAGE_KEY) !== 'off';
}

/** Writes or hides the chip. */
export function drawUnitChip(units: Unit[], showUnits: (isShown: boolean) => void): void {
  const chip = byId('units');
  chip.hidden = units.length === 0;
  if (chip.hidden) return;
  const label = chipLabel(units);
  const button = chip.querySelector('button') ?? element('button', { type: 'button', id: 'units-legend', class: 'text-button', 'aria-haspopup': 'dialog' });
  if (button.textContent !== label) button.textContent = label;
  button.title = word('unitLegend');
  button.onclick = () => openUnitLegend(showUnits);
  chip.dataset['shown'] = String(areUnitsShown());
  if (!button.isConnected) chip.replaceChildren(button);
}

function chipLabel(units: Unit[]): string {
  const simulated = units.filter((unit) => unit.simulated).length;
  const key = simulated === 0 ? 'unitsReal' : simulated === units.length ? 'unitsSimulated' : 'unitsMixed';
  const said = phrase(key, { count: units.length, simulated });
  return areUnitsShown() ? said : `${said} · ${word('unitsHidden')}`;
}

function openUnitLegend(showUnits: (isShown: boolean) => void): void {
  const shown = element('input', { id: 'units-shown', type: 'checkbox', role: 'switch', checked: areUnitsShown() });
  shown.addEventListener('change', () => {
    store('localStorage', STORAGE_KEY, shown.checked ? undefined : 'off');
    showUnits(shown.checked);
  });
  const statuses = (Object.keys(STATUS_LOOKS) as UnitStatus[]).map((status) =>
    entry(unitSwatch({ agency: '', profile: '', status }, ''), word(STATUS_LOOKS[status].name)),
  );
  const kinds = [...Object.values(KINDS), POLICE].map(({ name, letters }) =>
    entry(unitSwatch({ agency: '', profile: '', status: 'available' }, letters[language()]), word(name)),
  );
  const marks = [
    entry(unitSwatch({ agency: '', profile: '', status: 'available', is_simulated: true }, ''), word('simulatedTitle')),
    entry(unitSwatch({ agency: '', profile: '', status: 'available', is_old: true }, ''), word('unitOldMark')),
  ];
  openDialog(
    'unit-legend',
    word('unitLegend'),
    element('p', { class: 'switch-row' }, element('label', { for: 'units-shown' }, word('unitsShow')), shown),
    element('h3', { class: 'small-heading' }, word('unitStatus')),
    element('ul', { class: 'unit-entries' }, ...statuses),
    element('h3', { class: 'small-heading' }, word('nearestKind')),
    element('ul', { class: 'unit-entries' }, ...kinds),
    element('ul', { class: 'unit-entries wide' }, ...marks),
  );
}

function entry(swatch: HTMLElement, label: string): HTMLElement {
  return element('li', {}, swatch, element('span', {}, label));
}
