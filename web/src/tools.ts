// The buttons beside the map, the language switch and the attribution line.

import type { Catalog } from './api';
import { byId, element, icon } from './dom';
import { type Language, language, setLanguage, type Word, word } from './i18n';
import type { CityMap } from './map';

const ICONS = {
  zoomIn: 'M10 4v12M4 10h12',
  zoomOut: 'M4 10h12',
  north: 'M10 2.5 13.5 10H6.5L10 2.5ZM6.5 10 10 17.5 13.5 10',
  wholeCity: 'M3 7V3h4M13 3h4v4M17 13v4h-4M7 17H3v-4',
} as const;

const LANGUAGES: { id: Language; label: string; name: string }[] = [
  { id: 'vi', label: 'VI', name: 'Tiếng Việt' },
  { id: 'en', label: 'EN', name: 'English' },
];

/** Makes the buttons that move the map. */
export function drawTools(city: CityMap): void {
  const { map } = city;
  const actions: [keyof typeof ICONS, () => void][] = [
    ['zoomIn', () => map.zoomIn()],
    ['zoomOut', () => map.zoomOut()],
    ['north', () => map.resetNorthPitch()],
    ['wholeCity', () => city.showCity(coveredLeft())],
  ];
  const buttons = actions.map(([name, act]) => {
    const button = element('button', { type: 'button', class: `icon-button tool-${name}` }, icon(ICONS[name]));
    button.dataset['word'] = name;
    button.addEventListener('click', act);
    return button;
  });
  byId('tools').replaceChildren(...buttons);
  const needle = buttons[2]?.querySelector('svg');
  map.on('rotate', () => needle?.style.setProperty('transform', `rotate(${-map.getBearing()}deg)`));
}

/** Width of the map under the layer list, in pixels; none where the list comes from below. */
function coveredLeft(): number {
  const panel = byId('panel').getBoundingClientRect();
  return panel.width > 0 && panel.width < window.innerWidth / 2 ? panel.right : 0;
}

/** Names the buttons in the page's language. */
export function nameTools(): void {
  byId('tools').setAttribute('aria-label', word('mapOf'));
  for (const button of byId('tools').querySelectorAll('button')) {
    const name = word(button.dataset['word'] as Word);
    button.setAttribute('aria-label', name);
    button.title = name;
  }
}

/** Writes the language switch. */
export function drawLanguages(): void {
  const group = byId('languages');
  group.setAttribute('aria-label', word('language'));
  const focused = group.contains(document.activeElement);
  const buttons = LANGUAGES.map(({ id, label, name }) => {
    const pressed = id === language();
    const button = element('button', { type: 'button', lang: id, title: name, 'aria-pressed': String(pressed) }, label);
    button.setAttribute('aria-label', `${label}: ${name}`);
    button.addEventListener('click', () => setLanguage(id));
    return button;
  });
  group.replaceChildren(...buttons);
  if (focused) buttons.find((button) => button.getAttribute('aria-pressed') === 'true')?.focus();
}

/** Writes whose data the map shows, each once. */
export function drawAttribution(catalog: Catalog): void {
  const sources = catalog.layers.flatMap((layer) => layer.sources);
  const lines = new Set(sources.map((source) => source.attribution ?? `${source.publisher} (${source.licence})`));
  byId('attribution').replaceChildren([...lines, 'MapLibre'].join(' · '));
}
