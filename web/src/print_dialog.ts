// The dialog that asks what to print, and saves the picture.

import { openDialog } from './dialog';
import { element } from './dom';
import { capitalised, localToday, type Word, word } from './i18n';
import type { Paper } from './print';

/** What the reader chose. */
export interface PrintChoice {
  title: string;
  paper: Paper;
  withLegend: boolean;
}

interface Format {
  id: string;
  label: () => string;
  paper: Paper;
}

/** ISO 216 at 96 pixels to the inch. */
const sheet = (id: string, name: string, turned: Word, width: number, height: number): Format => ({
  id,
  label: () => `${name}, ${word(turned)}`,
  paper: { width, height },
});

const FORMATS: Format[] = [
  sheet('a4-landscape', 'A4', 'landscape', 1123, 794),
  sheet('a4-portrait', 'A4', 'portrait', 794, 1123),
  sheet('a3-landscape', 'A3', 'landscape', 1587, 1123),
  sheet('a3-portrait', 'A3', 'portrait', 1123, 1587),
  { id: 'square', label: () => word('square'), paper: { width: 1080, height: 1080 } },
];

/** Asks, and has the print drawn by `draw`. */
export function openPrintDialog(title: string, draw: (choice: PrintChoice) => Promise<Blob>): void {
  const name = element('input', { id: 'print-title', type: 'text', value: title, maxlength: 120 });
  const options = FORMATS.map(({ id, label }) => element('option', { value: id }, label()));
  const format = element('select', { id: 'print-format' }, ...options);
  const legend = element('input', { id: 'print-legend', type: 'checkbox', role: 'switch', checked: true });
  const submit = element('button', { type: 'submit', class: 'main-button' }, word('download'));
  const progress = element('p', { class: 'notice', role: 'status' }, word('printHint'));
  const form = element(
    'form',
    {},
    element('p', { class: 'field' }, element('label', { for: 'print-title' }, word('printTitle')), name),
    element('p', { class: 'field' }, element('label', { for: 'print-format' }, word('printFormat')), format),
    element('p', { class: 'switch-row' }, element('label', { for: 'print-legend' }, word('printLegend')), legend),
    progress,
    element('p', { class: 'buttons' }, submit),
  );
  const dialog = openDialog('print', capitalised(word('print')), form);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const paper = FORMATS.find(({ id }) => id === format.value)?.paper;
    if (!paper) return;
    submit.disabled = true;
    progress.textContent = word('printing');
    try {
      save(await draw({ title: name.value, paper, withLegend: legend.checked }));
      dialog.close();
    } catch {
      progress.textContent = word('printFailed');
      submit.disabled = false;
    }
  });
}

function save(picture: Blob): void {
  const link = element('a', { href: URL.createObjectURL(picture), download: `urbis-${localToday()}.png` });
  link.click();
  // The download has its own hold on the bytes once it has begun.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
