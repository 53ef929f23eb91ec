// The page: reads the catalogue and the style, starts the map and joins the parts.

// The key leaves the address before anything else happens.
import { wasRefused } from './key';
import './page.css';
import type { StyleSpecification } from 'maplibre-gl';
import { type Catalog, fetchCatalog, fetchStyle } from './api';
import { onAppearance } from './appearance';
import { say } from './dialog';
import { byId } from './dom';
import { language, onLanguage, type Word, word } from './i18n';
import { CityMap } from './map';
import { Page, styleId } from './page';
import { connectPanelToggle, drawPanelFailure, nameToggle, openPanel } from './panel';
import { readHash } from './permalink';
import { drawStatus, watchServer } from './status';
import type { DrawnUnit } from './unit_overlay';
import { connectAppearance, covered, drawAppearance, drawAttribution, drawLanguages, measureFoot } from './tools';
import { View } from './view';

const RETRY_AFTER_MS = 3_000;

declare global {
  interface Window {
    /** The MapLibre map, for tests and the curious. */
    urbisMap?: CityMap['map'];
    /** The units on the screen and where each is drawn, likewise. */
    urbisUnits?: () => DrawnUnit[];
  }
}

/** Reads what the page needs; a server that is just starting is asked again. */
async function readStart(): Promise<[Catalog, StyleSpecification]> {
  for (;;) {
    try {
      return await Promise.all([fetchCatalog(), fetchStyle<StyleSpecification>(styleId())]);
    } catch {
      drawPanelFailure();
      await new Promise((resolve) => setTimeout(resolve, RETRY_AFTER_MS));
    }
  }
}

function translateFrame(): void {
  document.documentElement.lang = language();
  for (const marked of document.querySelectorAll<HTMLElement>('[data-text]')) {
    marked.textContent = word(marked.dataset['text'] as Word);
  }
  drawLanguages();
  drawAppearance();
  nameToggle();
  drawStatus();
}

/** A skip link moves the keyboard only: the fragment belongs to the map. */
function connectSkipLinks(): void {
  for (const link of document.querySelectorAll<HTMLElement>('[data-skip]')) {
    link.addEventListener('click', (event) => {
      event.preventDefault();
      const target = link.dataset['skip'] ?? '';
      if (target === 'panel') openPanel();
      else document.getElementById(target)?.focus();
    });
  }
}

async function start(): Promise<void> {
  connectPanelToggle();
  connectAppearance();
  connectSkipLinks();
  measureFoot();
  onLanguage(translateFrame);
  // Within another page: the map alone.
  if (readHash('bare') === '1') document.documentElement.dataset['bare'] = '';
  onAppearance(drawAppearance);
  if (wasRefused()) say(word('keyRefused'));
  let page: Page | undefined;
  watchServer({ revisionChanged: () => page?.refresh(), isLive: () => page?.isLive ?? false });
  const [catalog, style] = await readStart();
  const view = new View(catalog);
  drawAttribution(catalog, view);
  const city = new CityMap(byId('map'), catalog, style, view, covered());
  window.urbisMap = city.map;
  const opened = new Page(catalog, style, city);
  page = opened;
  window.urbisUnits = () => opened.dispatch.drawnUnits();
}

void start();
