// The buttons beside the map, the language and appearance switches, and the attribution line.

import type { Catalog } from './api';
import { appearance, type Appearance, nextAppearance, setAppearance } from './appearance';
import { LINK_ICON } from './buttons';
import { byId, element, icon } from './dom';
import { type Language, language, setLanguage, type Word, word } from './i18n';
import type { CityMap, Covered } from './map';
import { attributionLines } from './source_line';
import type { View } from './view';

const ICONS = {
  zoomIn: 'M10 4v12M4 10h12',
  zoomOut: 'M4 10h12',
  north: 'M10 2.5 13.5 10H6.5L10 2.5ZM6.5 10 10 17.5 13.5 10',
  wholeCity: 'M3 7V3h4M13 3h4v4M17 13v4h-4M7 17H3v-4',
  incident: 'M3 13h14M5 13V9.5L6.5 6h7L15 9.5V13M6 16v-1.2M14 16v-1.2M10 2.5v1.2M5.5 3.4l.8 1M14.5 3.4l-.8 1',
  nearest: 'M10 18s-5.5-5.2-5.5-9.3a5.5 5.5 0 0 1 11 0C15.5 12.8 10 18 10 18ZM10 6.6a2.1 2.1 0 1 0 0 4.2 2.1 2.1 0 0 0 0-4.2',
  print: 'M6 7V3h8v4M6 14H3.5V7.5h13V14H14M6 11.5h8V17H6z',
  copyLink: LINK_ICON,
  help: 'M7.5 7.5a2.5 2.5 0 1 1 3.6 2.2c-.7.4-1.1.8-1.1 1.6M10 14.2v.1M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15',
} as const satisfies Partial<Record<Word, string>>;

const APPEARANCE_ICONS: Record<Appearance, string> = {
  light: 'M10 6.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7M10 2v1.5M10 16.5V18M2 10h1.5M16.5 10H18M4.3 4.3l1.1 1.1M14.6 14.6l1.1 1.1M4.3 15.7l1.1-1.1M14.6 5.4l1.1-1.1',
  dark: 'M16.5 11.8A6.8 6.8 0 0 1 8.2 3.5a6.8 6.8 0 1 0 8.3 8.3Z',
  system: 'M3 4h14v9.5H3zM7.5 17h5M10 13.5V17',
};

const LANGUAGES: { id: Language; label: string; name: string }[] = [
  { id: 'vi', label: 'VI', name: 'Tiếng Việt' },
  { id: 'en', label: 'EN', name: 'English' },
];

/** What the buttons that are not about moving do. */
export type ToolActions = Record<'incident' | 'nearest' | 'print' | 'copyLink' | 'help', () => void>;

/** Makes the buttons that move the map, and those of the tools. */
export function drawTools(city: CityMap, tools: ToolActions): void {
  const { map } = city;
  const moves = {
    zoomIn: () => void map.zoomIn(),
    zoomOut: () => void map.zoomOut(),
    north: () => void map.resetNorthPitch(),
    wholeCity: () => city.showCity(covered()),
  };
  byId('tools').replaceChildren(...buttonsFor(moves));
  byId('actions').replaceChildren(...buttonsFor(tools));
  const needle = byId('tools').querySelector<SVGElement>('.tool-north svg');
  map.on('rotate', () => needle?.style.setProperty('transform', `rotate(${-map.getBearing()}deg)`));
}

function buttonsFor(actions: Partial<Record<keyof typeof ICONS, () => void>>): HTMLElement[] {
  return (Object.entries(actions) as [keyof typeof ICONS, () => void][]).map(([name, act]) => {
    const label = element('span', { class: 'tool-label' });
    const button = element('button', { type: 'button', id: `tool-${name}`, class: `icon-button tool-${name}` }, icon(ICONS[name]), label);
    button.dataset['word'] = name;
    button.addEventListener('click', act);
    return button;
  });
}

/** What lies under the layer list, where that does not come from below, and under the attribution. */
export function covered(): Covered {
  const panel = byId('panel').getBoundingClientRect();
  const isBeside = panel.width > 0 && panel.width < window.innerWidth / 2;
  return { left: isBeside ? panel.right : 0, bottom: byId('attribution').offsetHeight };
}

/** Names the buttons in the page's language. */
export function nameTools(): void {
  byId('tools').setAttribute('aria-label', word('mapOf'));
  byId('actions').setAttribute('aria-label', word('actions'));
  for (const button of document.querySelectorAll<HTMLElement>('[data-word]')) {
    const name = word(button.dataset['word'] as Word);
    button.setAttribute('aria-label', name);
    button.title = name;
    const label = button.querySelector('.tool-label');
    if (label) label.textContent = name;
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

/** Writes the button that goes through light, dark and as the system says. */
export function drawAppearance(): void {
  const toggle = byId('appearance');
  const name = `${word('appearance')}: ${word(appearance())}. ${word('appearanceNext')}: ${word(nextAppearance())}`;
  toggle.setAttribute('aria-label', name);
  toggle.title = name;
  toggle.dataset['appearance'] = appearance();
  toggle.replaceChildren(icon(APPEARANCE_ICONS[appearance()]));
}

/** Makes the appearance button work. */
export function connectAppearance(): void {
  byId('appearance').addEventListener('click', () => setAppearance(nextAppearance()));
}

/** Writes whose data the map shows, each once: of the layers that are on. */
export function drawAttribution(catalog: Catalog, view: View): void {
  const drawn = catalog.layers.filter(({ id }) => view.isOn(id));
  const line = element('span', { class: 'attribution-text' }, [...attributionLines(drawn), 'MapLibre'].join(' · '));
  const footer = byId('attribution');
  // On a phone two lines are shown; the rest is a press away.
  const more = element('button', { type: 'button', class: 'text-button', 'aria-label': word('madeBy'), title: word('madeBy') }, '⋯');
  more.addEventListener('click', () => footer.classList.toggle('whole'));
  footer.replaceChildren(line, more);
}

/** Tells the stylesheet how high the cards at the foot of the page are: others stand above them. */
export function measureFoot(): void {
  const heights = { '--foot': byId('attribution'), '--chips': byId('chips') };
  const measure = () => {
    for (const [name, card] of Object.entries(heights)) {
      document.documentElement.style.setProperty(name, `${Math.ceil(card.getBoundingClientRect().height)}px`);
    }
  };
  const observer = new ResizeObserver(measure);
  Object.values(heights).forEach((card) => observer.observe(card));
  measure();
}
