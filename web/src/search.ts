// The search box: what is typed is asked of the server while it is typed; a result is gone to.
//
// It is a combobox with a list (ARIA Authoring Practices 1.2): the keyboard stays in the field, the
// arrows move through the results, Enter goes to one, Escape closes the list and then leaves.

import { type FoundPlace, fetchSearch, type LonLat } from './api';
import { byId, element, icon } from './dom';
import { language, word } from './i18n';
import { phrase } from './phrases';

/** What the box asks of the page. */
export interface SearchActions {
  /** The place in the middle of the map: what is near it goes first. */
  centre(): LonLat;
  /** Goes to a result and opens its sheet. */
  open(found: FoundPlace): void;
  left(): void;
}

/** Time without a key after which the server is asked. */
const PAUSE_MS = 120;

const SHOWN = 8;

const LENS = 'M8.7 14.4a5.7 5.7 0 1 0 0-11.4 5.7 5.7 0 0 0 0 11.4M13 13l4.2 4.2';

/** The box and the results that it shows. */
export class SearchBox {
  private readonly field = element('input', {
    id: 'search-field',
    type: 'search',
    role: 'combobox',
    maxlength: 100,
    autocomplete: 'off',
    autocapitalize: 'none',
    spellcheck: 'false',
    enterkeyhint: 'search',
    'aria-autocomplete': 'list',
    'aria-controls': 'search-results',
    'aria-expanded': 'false',
  });
  private readonly list = element('ul', { id: 'search-results', class: 'found-list', role: 'listbox', hidden: true });
  private readonly note = element('p', { id: 'search-note', class: 'found-note', role: 'status' });
  private results: FoundPlace[] = [];
  private active = -1;
  private waiting: ReturnType<typeof setTimeout> | undefined;
  private asking: AbortController | undefined;

  constructor(private readonly actions: SearchActions) {
    byId('search').replaceChildren(icon(LENS), this.field, this.list, this.note);
    this.field.addEventListener('input', () => this.typed());
    this.field.addEventListener('keydown', (event) => this.key(event));
    this.field.addEventListener('focus', () => this.results.length > 0 && this.show());
    // A press on a result must not take the keyboard away before it is a click.
    this.list.addEventListener('pointerdown', (event) => event.preventDefault());
    this.field.addEventListener('blur', () => this.hide());
    this.translate();
  }

  /** Gives the box the keyboard. */
  focus(): void {
    this.field.focus();
    this.field.select();
  }

  /** Names the box in the page's language; what it shows is asked for anew. */
  translate(): void {
    byId('search').setAttribute('aria-label', word('search'));
    this.field.setAttribute('aria-label', word('search'));
    this.field.placeholder = word('searchHint');
    this.list.setAttribute('aria-label', word('results'));
    if (this.field.value.trim() !== '') void this.ask(false);
  }

  private typed(): void {
    clearTimeout(this.waiting);
    this.asking?.abort();
    if (this.field.value.trim() === '') {
      this.take([], '');
      this.hide();
      return;
    }
    this.waiting = setTimeout(() => void this.ask(true), PAUSE_MS);
  }

  private async ask(isShown: boolean): Promise<void> {
    clearTimeout(this.waiting);
    this.asking?.abort();
    const asking = new AbortController();
    this.asking = asking;
    try {
      const found = await fetchSearch(this.field.value.trim(), this.actions.centre(), SHOWN, language(), asking.signal);
      this.take(found, found.length === 0 ? word('searchNone') : phrase('searchCount', { count: found.length }));
    } catch {
      if (asking.signal.aborted) return;
      this.take([], word('nearestFailed'));
    }
    if (isShown) this.show();
  }

  private take(results: FoundPlace[], note: string): void {
    this.results = results;
    this.note.textContent = note;
    this.note.classList.toggle('unseen', results.length > 0);
    this.list.replaceChildren(...results.map((found, at) => this.option(found, at)));
    this.activate(-1);
  }

  private option(found: FoundPlace, at: number): HTMLElement {
    const option = element(
      'li',
      { id: `search-result-${at}`, role: 'option', 'aria-selected': 'false', class: 'found' },
      element('span', { class: 'found-title' }, found.title),
      element('span', { class: 'found-subtitle' }, found.subtitle),
    );
    option.addEventListener('click', () => this.choose(at));
    return option;
  }

  private key(event: KeyboardEvent): void {
    const isOpen = this.field.getAttribute('aria-expanded') === 'true';
    if (event.isComposing) return;
    if (event.key === 'Escape') {
      // One press closes one thing: the page has sheets that it would close, too.
      event.stopPropagation();
      event.preventDefault();
      this.escape(isOpen);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      void this.enter();
    } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      this.move(event.key === 'ArrowDown' ? 1 : -1, isOpen);
    }
  }

  private escape(isOpen: boolean): void {
    if (isOpen) {
      this.hide();
      return;
    }
    this.field.value = '';
    this.take([], '');
    this.field.blur();
    this.actions.left();
  }

  /** Goes to the result that is marked, or to the first, which may not have come yet. */
  private async enter(): Promise<void> {
    if (this.field.value.trim() === '') return;
    if (this.active < 0) await this.ask(true);
    if (this.results.length > 0) this.choose(Math.max(this.active, 0));
  }

  private move(by: number, isOpen: boolean): void {
    if (this.results.length === 0) return;
    if (!isOpen) this.show();
    const count = this.results.length;
    // Before the first and behind the last is the field itself.
    this.activate(((this.active + 1 + by + count + 1) % (count + 1)) - 1);
  }

  private activate(at: number): void {
    this.active = at;
    [...this.list.children].forEach((option, place) => option.setAttribute('aria-selected', String(place === at)));
    if (at < 0) this.field.removeAttribute('aria-activedescendant');
    else this.field.setAttribute('aria-activedescendant', `search-result-${at}`);
    this.list.children[at]?.scrollIntoView({ block: 'nearest' });
  }

  private choose(at: number): void {
    const found = this.results[at];
    if (!found) return;
    this.field.value = found.title;
    this.hide();
    this.actions.open(found);
  }

  private show(): void {
    if (document.activeElement !== this.field) return;
    this.list.hidden = this.results.length === 0;
    this.note.hidden = false;
    this.field.setAttribute('aria-expanded', String(this.results.length > 0));
    byId('search').classList.add('open');
  }

  private hide(): void {
    this.list.hidden = true;
    this.note.hidden = true;
    this.activate(-1);
    this.field.setAttribute('aria-expanded', 'false');
    byId('search').classList.remove('open');
  }
}
