// The nearest tool: a layer, a place on the map, the five features that are nearest to it.

import { type Attribute, type Catalog, fetchNearest, type Layer, type LonLat, type NearFeature, type PlacedFeature } from './api';
import { closeButton } from './buttons';
import { byId, element, rewrite } from './dom';
import type { Drawing } from './drawn_style';
import { headingOf } from './heading';
import { capitalised, distance, text, word } from './i18n';
import { lineMark, pointMark } from './marks';

/** What the tool asks of the page. */
export interface NearestActions {
  /** The place in the middle of what can be seen: longitude, latitude. */
  centre(): LonLat;
  mark(marks: Drawing['marks']): void;
  /** Brings places into what can be seen beside the tool's card. */
  bringIntoView(places: LonLat[]): void;
  /** Shows the sheet of an answer, where it is. */
  open(feature: PlacedFeature, at: LonLat): void;
  left(): void;
}

/** How many are shown. */
const SHOWN = 5;

/** So many are asked for where only one kind of them is wanted; the server gives no more. */
const ASKED_OF_A_KIND = 1000;

/** Its layers come first: they are what one looks for in a hurry. */
const FIRST_THEME = 'emergency';

/** Of all that it holds, a hospital is what most ask for. */
const EMERGENCY_LAYER = 'emergency_place';
const FIRST_KIND = 'hospital';

interface Answer {
  feature: NearFeature;
  at: LonLat;
}

/** The tool and what it holds while it is open. */
export class NearestTool {
  private layer: string | undefined;
  private kind = '';
  private from: LonLat | undefined;
  private answers: Answer[] = [];
  private state: 'waiting' | 'asking' | 'answered' | 'failed' = 'waiting';
  private asking: AbortController | undefined;

  constructor(
    private catalog: Catalog,
    private readonly actions: NearestActions,
  ) {}

  /** Whether a click on the map means this tool. */
  get isOpen(): boolean {
    return !byId('nearest').hidden;
  }

  /** Opens the tool and gives it the keyboard. */
  open(): void {
    if (this.layer === undefined) this.choose(this.choices()[0]?.id);
    byId('nearest').hidden = false;
    document.body.classList.add('nearest-open');
    this.draw();
    byId('nearest-layer').focus();
  }

  /** Leaves the tool; its marks go with it. */
  close(): void {
    if (!this.isOpen) return;
    this.asking?.abort();
    this.from = undefined;
    this.answers = [];
    this.state = 'waiting';
    byId('nearest').hidden = true;
    document.body.classList.remove('nearest-open');
    this.actions.mark(undefined);
    this.actions.left();
  }

  /** Takes over a new catalogue or language. */
  update(catalog: Catalog): void {
    this.catalog = catalog;
    if (!this.choices().some(({ id }) => id === this.layer)) this.choose(this.choices()[0]?.id);
    if (this.isOpen) this.draw();
  }

  /** Looks for what is nearest to a place. */
  async ask(from: LonLat): Promise<void> {
    const layer = this.chosen();
    if (!layer) return;
    this.from = from;
    this.asking?.abort();
    const asking = new AbortController();
    this.asking = asking;
    this.state = 'asking';
    this.draw();
    try {
      const kinds = kindAttribute(layer);
      const wanted = this.kind !== '' && kinds ? kinds.name : undefined;
      const found = await fetchNearest(layer.id, from, wanted ? ASKED_OF_A_KIND : SHOWN, asking.signal);
      const fitting = wanted ? found.filter(({ properties }) => properties[wanted] === this.kind) : found;
      this.answers = fitting.slice(0, SHOWN).map((feature) => ({ feature, at: placeOf(feature, from) }));
      this.state = 'answered';
    } catch {
      if (asking.signal.aborted) return;
      this.answers = [];
      this.state = 'failed';
    }
    this.actions.mark(this.marks());
    this.draw();
    this.actions.bringIntoView([from, ...this.answers.map(({ at }) => at)]);
  }

  private choices(): Layer[] {
    const points = this.catalog.layers.filter(({ geometry, count }) => geometry.includes('Point') && count > 0);
    const rank = ({ theme }: Layer) => (theme === FIRST_THEME ? 0 : 1);
    return points.sort((one, other) => rank(one) - rank(other));
  }

  private choose(layer: string | undefined): void {
    this.layer = layer;
    const chosen = this.chosen();
    const kinds = chosen && kindAttribute(chosen)?.values;
    this.kind = layer === EMERGENCY_LAYER && kinds && FIRST_KIND in kinds ? FIRST_KIND : '';
  }

  private chosen(): Layer | undefined {
    return this.catalog.layers.find(({ id }) => id === this.layer);
  }

  private draw(): void {
    const card = byId('nearest');
    const close = closeButton(() => this.close(), 'nearest-close');
    const centre = element('button', { type: 'button', id: 'nearest-centre', class: 'small-button' }, word('nearestCentre'));
    centre.addEventListener('click', () => void this.ask(this.actions.centre()));
    card.setAttribute('aria-busy', String(this.state === 'asking'));
    rewrite(card, () => {
      card.replaceChildren(
        element('div', { class: 'sheet-head' }, element('h2', { id: 'nearest-title' }, word('nearest')), element('div', { class: 'sheet-buttons' }, close)),
        element(
          'div',
          { class: 'sheet-body' },
          this.layerField(),
          this.kindField(),
          element('p', { class: 'notice' }, word('nearestHow')),
          centre,
          element('div', { id: 'nearest-results', role: 'status' }, ...this.results()),
        ),
      );
    });
  }

  private layerField(): HTMLElement {
    const options = this.choices().map(({ id, title }) =>
      element('option', { value: id, selected: id === this.layer }, text(title)),
    );
    const select = element('select', { id: 'nearest-layer' }, ...options);
    select.addEventListener('change', () => {
      this.choose(select.value);
      this.askAgain();
    });
    return field('nearest-layer', word('nearestLayer'), select);
  }

  private kindField(): HTMLElement | null {
    const layer = this.chosen();
    const attribute = layer && kindAttribute(layer);
    if (!attribute) return null;
    const options = Object.entries(attribute.values ?? {}).map(([code, label]) =>
      element('option', { value: code, selected: code === this.kind }, capitalised(text(label))),
    );
    const all = element('option', { value: '' }, capitalised(word('nearestAll')));
    const select = element('select', { id: 'nearest-kind' }, all, ...options);
    select.addEventListener('change', () => {
      this.kind = select.value;
      this.askAgain();
    });
    return field('nearest-kind', word('nearestKind'), select);
  }

  private askAgain(): void {
    if (this.from) void this.ask(this.from);
    else this.draw();
  }

  private results(): HTMLElement[] {
    const layer = this.chosen();
    if (this.state === 'waiting' || !layer) return [];
    if (this.state === 'asking') return [element('p', { class: 'notice' }, word('loading'))];
    if (this.state === 'failed') return [element('p', { class: 'notice' }, word('nearestFailed'))];
    if (this.answers.length === 0) return [element('p', { class: 'notice' }, word('nearestNone'))];
    const rows = this.answers.map(({ feature, at }, place) => {
      const placed = { ...feature, layer: layer.id };
      const button = element(
        'button',
        { type: 'button', id: `nearest-${place + 1}`, class: 'other' },
        element('span', { class: 'number' }, String(place + 1)),
        element('span', { class: 'other-name', dir: 'auto' }, headingOf(placed, layer)),
        element('span', { class: 'other-layer' }, distance(Number(feature.properties['distance_m']))),
      );
      button.addEventListener('click', () => this.actions.open(placed, at));
      return element('li', {}, button);
    });
    return [
      element('h3', { class: 'small-heading' }, word('results')),
      element('ol', { class: 'near-list' }, ...rows),
      element('p', { class: 'notice' }, word('straightLine')),
    ];
  }

  private marks(): Drawing['marks'] {
    const from = this.from;
    if (!from) return undefined;
    const lines = this.answers.map(({ at }) => lineMark([from, at]));
    const numbers = this.answers.map(({ at }, place) => pointMark(at, { number: place + 1 }));
    // The first is the most wanted: it is drawn last, on top.
    const features = [...lines, pointMark(from), ...numbers.reverse()];
    return { type: 'FeatureCollection', features };
  }
}

/** The attribute that tells kinds of facilities apart. */
function kindAttribute({ attributes }: Layer): Attribute | undefined {
  return attributes.find(({ name, type, values }) => name === 'kind' && type === 'code' && values);
}

function placeOf({ geometry }: NearFeature, fallback: LonLat): LonLat {
  return geometry?.type === 'Point' ? (geometry.coordinates as LonLat) : fallback;
}

function field(id: string, label: string, control: HTMLElement): HTMLElement {
  return element('p', { class: 'field' }, element('label', { for: id }, label), control);
}
