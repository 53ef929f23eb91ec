// One layer in the panel: its switch, count and source at a glance; legend, opacity and full sources
// on demand.

import type { Layer } from './api';
import { CHEVRON_ICON } from './buttons';
import { element, icon } from './dom';
import { day, number, text, word } from './i18n';
import type { Swatch } from './legend';
import { drawLegend } from './legend_list';
import type { PanelContent } from './panel';
import { sourceLines } from './source_line';
import { drawSwatch } from './swatch';
import { LEAST_OPACITY } from './view';

const LOCK_ICON = 'M5.5 9h9v7.5h-9zM7.5 9V6.5a2.5 2.5 0 0 1 5 0V9';

/** Layers whose details are shown. */
const opened = new Set<string>();

/** Writes the entry of a layer. */
export function drawLayerEntry(layer: Layer, swatches: Swatch[], content: PanelContent): HTMLElement {
  const { view, changed, sprites } = content;
  const id = `layer-switch-${layer.id}`;
  const input = element('input', {
    id,
    type: 'checkbox',
    role: 'switch',
    checked: view.isOn(layer.id),
    'aria-describedby': `layer-about-${layer.id}`,
  });
  input.addEventListener('change', () => {
    if (input.checked) view.show([layer.id]);
    else view.hide([layer.id]);
    changed();
  });
  const [first] = swatches;
  const label = element(
    'label',
    { for: id },
    first ? drawSwatch(first, sprites) : element('span', { class: 'swatch' }),
    element('span', { class: 'layer-title' }, text(layer.title), ...marks(layer)),
    element('span', { class: 'count', title: `${number(layer.count)} ${word('features')}` }, number(layer.count)),
  );
  return element(
    'div',
    { class: 'layer', id: `layer-${layer.id}` },
    element('div', { class: 'layer-row' }, detailsToggle(layer, content), label, input),
    element(
      'p',
      { class: 'layer-source' },
      layer.synthetic ? element('span', { class: 'badge badge-synthetic', title: word('syntheticTitle') }, word('synthetic')) : null,
      sourceAtAGlance(layer),
    ),
    element('p', { class: 'unseen', id: `layer-about-${layer.id}` }, text(layer.description)),
    element('p', { class: layer.count === 0 ? 'hint always' : 'hint' }, word(layer.count === 0 ? 'noData' : 'fromZoom')),
    opened.has(layer.id) ? details(layer, swatches, content) : null,
  );
}

function detailsToggle(layer: Layer, content: PanelContent): HTMLElement {
  const expanded = opened.has(layer.id);
  const button = element(
    'button',
    {
      type: 'button',
      id: `layer-details-${layer.id}`,
      class: 'details-toggle',
      'aria-expanded': String(expanded),
      'aria-label': `${word('details')}: ${text(layer.title)}`,
      title: word('details'),
    },
    icon(CHEVRON_ICON),
  );
  button.addEventListener('click', () => {
    if (!opened.delete(layer.id)) opened.add(layer.id);
    const entry = document.getElementById(`layer-${layer.id}`);
    const drawn = drawLayerEntry(layer, content.legendOf(layer), content);
    drawn.className = entry?.className ?? drawn.className;
    entry?.replaceWith(drawn);
    document.getElementById(`layer-details-${layer.id}`)?.focus();
  });
  return button;
}

/** What a reader must know of a layer before believing it. */
function marks(layer: Layer): Node[] {
  const found: Node[] = [];
  if (layer.deprecated) found.push(element('span', { class: 'badge' }, word('deprecated')));
  if (layer.openness !== 'open') {
    const name = word(layer.openness);
    found.push(element('span', { class: 'lock', role: 'img', 'aria-label': name, title: name }, icon(LOCK_ICON)));
  }
  return found;
}

function details(layer: Layer, swatches: Swatch[], content: PanelContent): HTMLElement {
  return element(
    'div',
    { class: 'layer-more' },
    element('p', {}, text(layer.description)),
    layer.deprecated ? element('p', { class: 'warning' }, deprecation(layer)) : null,
    swatches.length > 0 ? drawLegend(layer, swatches, content.sprites) : null,
    opacitySlider(layer, content),
    element('h4', {}, word('madeBy')),
    element('ul', { class: 'sources' }, ...sourceLines(layer).map((line) => element('li', {}, line))),
  );
}

function deprecation({ deprecated }: Layer): string {
  const notice = `${word('deprecatedSince')} ${day(deprecated?.since ?? '')}`;
  return deprecated?.instead ? `${notice}. ${text(deprecated.instead)}` : notice;
}

function opacitySlider(layer: Layer, { view, faded }: PanelContent): HTMLElement {
  const id = `layer-opacity-${layer.id}`;
  const percent = Math.round(view.opacity(layer.id) * 100);
  const input = element('input', { id, type: 'range', min: LEAST_OPACITY * 100, max: 100, step: 5, value: percent });
  const shown = element('output', { for: id }, `${percent}%`);
  input.addEventListener('input', () => {
    shown.textContent = `${input.value}%`;
    view.setOpacity(layer.id, Number(input.value) / 100);
    faded();
  });
  return element('div', { class: 'opacity' }, element('label', { for: id }, word('opacity')), input, shown);
}

/** When a layer was fetched and where from, in one line; the date first, which must not be cut off. */
function sourceAtAGlance({ sources }: Layer): string {
  const [first, ...rest] = new Set(sources.map(({ publisher }) => publisher));
  if (first === undefined) return '';
  const more = rest.length > 0 ? ` +${rest.length}` : '';
  const newest = sources.map(({ retrieved }) => retrieved).sort().at(-1) ?? '';
  return `${day(newest)} · ${first}${more}`;
}
