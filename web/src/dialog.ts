// Modal dialogs and the short messages that pass: both are made where they are needed.

import { closeButton } from './buttons';
import { byId, element } from './dom';

const MESSAGE_STAYS_MS = 4_000;

let hiding: ReturnType<typeof setTimeout> | undefined;

/** Opens a modal dialog; the browser keeps the keyboard in it and closes it on Escape. */
export function openDialog(id: string, title: string, ...children: (Node | null)[]): HTMLDialogElement {
  document.getElementById(id)?.remove();
  const dialog = element(
    'dialog',
    { id, class: 'dialog', 'aria-labelledby': `${id}-heading` },
    element('div', { class: 'dialog-head' }, element('h2', { id: `${id}-heading`, tabindex: -1 }, title), closeButton(() => dialog.close())),
    element('div', { class: 'dialog-body' }, ...children),
  );
  const before = document.activeElement;
  // A press beside the card means to leave.
  dialog.addEventListener('click', (event) => event.target === dialog && dialog.close());
  dialog.addEventListener('close', () => {
    dialog.remove();
    if (before instanceof HTMLElement) before.focus();
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** Says something in passing, to eyes and to screen readers. */
export function say(message: string): void {
  const place = byId('message');
  place.textContent = message;
  place.classList.add('shown');
  clearTimeout(hiding);
  hiding = setTimeout(() => place.classList.remove('shown'), MESSAGE_STAYS_MS);
}
