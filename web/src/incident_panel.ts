// The card of the incident tool: what is asked, who gets there first, who is nearer and does not,
// and what all that rests on.

import { type Answer, type Candidate, candidatesOf, type Rejected, type UnitSummary } from './candidates';
import type { LonLat } from './api';
import { closeButton } from './buttons';
import { byId, element, rewrite } from './dom';
import { distance, text, type Word, word } from './i18n';
import { drawBasis } from './incident_basis';
import { ago, phrase, travelTime } from './phrases';
import type { RankChange } from './rank_changes';
import { unitSwatch } from './unit_swatch';
import { kindOf, STATUS_LOOKS } from './unit_symbols';
import { isOld } from './units';

/** What the card shows. */
export interface IncidentContent {
  service: string;
  accuracyM: number;
  place: LonLat | undefined;
  answer: Answer | undefined;
  state: 'waiting' | 'asking' | 'answered' | 'failed';
  changeOf(unit: string): RankChange | undefined;
}

/** What the card asks of the tool. */
export interface IncidentCardActions {
  close(): void;
  centre(): void;
  chooseService(service: string): void;
  chooseAccuracy(metres: number): void;
  /** A unit's way is looked at, or no longer. */
  regard(unit: string | undefined): void;
  goTo(unit: string): void;
}

const SERVICES: [string, Word][] = [['115', 'service115'], ['114', 'service114'], ['113', 'service113'], ['', 'serviceAny']];

const ACCURACIES_M = [0, 50, 150, 500];

/** Writes the whole card; the results come with [`drawIncidentResults`]. */
export function drawIncident(content: IncidentContent, actions: IncidentCardActions): void {
  const card = byId('incident');
  const centre = element('button', { type: 'button', id: 'incident-centre', class: 'small-button' }, word('nearestCentre'));
  centre.addEventListener('click', actions.centre);
  const results = element('div', { id: 'incident-results' });
  connectRegard(results, actions);
  rewrite(card, () => {
    card.replaceChildren(
      element(
        'div',
        { class: 'sheet-head' },
        element('h2', { id: 'incident-title', tabindex: -1 }, word('incidentTitle')),
        element('div', { class: 'sheet-buttons' }, closeButton(actions.close, 'incident-close')),
      ),
      element(
        'div',
        { class: 'sheet-body', id: 'incident-body' },
        services(content, actions),
        accuracy(content, actions),
        element('p', { class: 'notice', id: 'incident-how' }, word('incidentHow')),
        centre,
        results,
        element('div', { id: 'incident-told', class: 'unseen', role: 'status' }),
      ),
    );
  });
}

/** Says what changed, to who does not see the order. */
export function tellIncident(message: string): void {
  const told = document.getElementById('incident-told');
  if (told) told.textContent = message;
}

/** Writes the results alone: whoever points at one keeps it. */
export function drawIncidentResults(content: IncidentContent): void {
  const results = document.getElementById('incident-results');
  if (!results) return;
  byId('incident').setAttribute('aria-busy', String(content.state === 'asking'));
  // Once there is an answer the card is short of room, and its reader knows how.
  for (const id of ['incident-how', 'incident-centre']) byId(id).hidden = content.place !== undefined;
  rewrite(results, () => {
    results.replaceChildren(...resultsOf(content).filter((one) => one !== null));
  });
}

/** By event of the list, not of its rows: those are written anew every second. */
function connectRegard(results: HTMLElement, { regard, goTo }: IncidentCardActions): void {
  const unitAt = (event: Event) => (event.target as Element | null)?.closest<HTMLElement>('[data-unit]')?.dataset['unit'];
  results.addEventListener('pointerover', (event) => regard(unitAt(event)));
  results.addEventListener('pointerleave', () => regard(undefined));
  results.addEventListener('focusin', (event) => regard(unitAt(event)));
  results.addEventListener('click', (event) => {
    const unit = unitAt(event);
    if (unit !== undefined) goTo(unit);
  });
}

function services({ service }: IncidentContent, { chooseService }: IncidentCardActions): HTMLElement {
  const buttons = SERVICES.map(([number, name]) => {
    const id = `incident-service-${number || 'any'}`;
    const button = element('button', { type: 'button', id, 'aria-pressed': String(number === service) }, number || null, element('span', {}, word(name)));
    button.addEventListener('click', () => chooseService(number));
    return button;
  });
  return element('div', { class: 'segments services', role: 'group', 'aria-label': word('incidentService') }, ...buttons);
}

function accuracy({ accuracyM }: IncidentContent, { chooseAccuracy }: IncidentCardActions): HTMLElement {
  const options = ACCURACIES_M.map((metres) =>
    element('option', { value: metres, selected: metres === accuracyM }, metres === 0 ? word('accuracyExact') : `± ${distance(metres)}`),
  );
  const select = element('select', { id: 'incident-accuracy' }, ...options);
  select.addEventListener('change', () => chooseAccuracy(Number(select.value)));
  return element('p', { class: 'field field-row' }, element('label', { for: 'incident-accuracy' }, word('incidentAccuracy')), select);
}

function resultsOf(content: IncidentContent): (HTMLElement | null)[] {
  const { answer, state, place } = content;
  if (!place) return [];
  if (!answer) return [notice(word(state === 'failed' ? 'nearestFailed' : 'loading'))];
  const cutOff = answer.cut_off;
  const candidates = candidatesOf(answer);
  return [
    state === 'failed' ? alarm('late', word('incidentOld')) : null,
    answer.fallback ? alarm('fallback', text(answer.fallback.sentence), word('incidentFallback')) : null,
    cutOff ? alarm('cut-off', text(cutOff.sentence), phrase('incidentCutOff', { gap: distance(cutOff.gap_m) })) : null,
    certainty(answer),
    candidates.length === 0
      ? notice(word('incidentNobody'))
      : element('ol', { class: 'near-list candidates', id: 'incident-candidates', 'aria-label': word('incidentOrder') }, ...candidates.map((one) => candidateRow(one, content))),
    ...rejectedList(answer.rejected),
    drawBasis(answer),
  ];
}

/** What must not be overlooked: a heading that names it, and the sentence. */
function alarm(kind: string, sentence: string, heading?: string): HTMLElement {
  return element('p', { class: `alarm alarm-${kind}`, id: `incident-${kind}` }, heading ? element('strong', {}, `${heading} `) : null, sentence);
}

function certainty({ first_unit_is_certain: isCertain, first_elsewhere: elsewhere, candidates }: Answer): HTMLElement | null {
  if (isCertain === null || candidates.length === 0) return null;
  if (isCertain) return element('p', { class: 'certainty', id: 'incident-certain' }, '✓ ', word('incidentCertain'));
  const others = elsewhere.map(({ title, eta_s: eta }) => `${title} (${travelTime(eta)})`).join(', ');
  return element('p', { class: 'certainty uncertain', id: 'incident-uncertain' }, '≈ ', phrase('incidentUncertain', { units: others }));
}

function candidateRow(candidate: Candidate, { changeOf }: IncidentContent): HTMLElement {
  const { unit_id: id, rank, eta_s: eta, distance_m: metres, geometry, is_estimate: isEstimate, reason } = candidate;
  const time = eta === null ? word('timeUnknown') : `${isEstimate ? '≈ ' : ''}${travelTime(eta)}`;
  const change = changeOf(id);
  const button = unitButton(candidate, {
    attributes: { id: `candidate-${id}` },
    number: element('span', { class: 'number' }, String(rank)),
    change: change ? changeMark(change) : null,
    measure: element('span', { class: 'candidate-time' }, time),
    lines: [element('span', { class: 'candidate-facts' }, `${distance(metres)}${geometry ? '' : ` ${word('byLine')}`} · ${factsOf(candidate)}`)],
  });
  const why = reason ? element('p', { class: 'why', lang: document.documentElement.lang }, sentence(text(reason.sentence))) : null;
  return element('li', { class: rank === 1 ? 'first' : '' }, button, why);
}

function changeMark({ from, to }: RankChange): HTMLElement {
  const [arrow, said]: [string, string] =
    from === undefined ? ['★', word('rankNew')] : from > to ? [`▲${from - to}`, phrase('rankUp', { from })] : [`▼${to - from}`, phrase('rankDown', { from })];
  const kind = from === undefined ? 'new' : from > to ? 'up' : 'down';
  return element('span', { class: `rank-change rank-${kind}`, title: said }, element('span', { 'aria-hidden': 'true' }, ` ${arrow}`), element('span', { class: 'unseen' }, ` (${said})`));
}

/** What the button of a unit says beside its symbol and its name. */
interface UnitButton {
  attributes: { id: string; 'data-reason'?: string };
  number?: HTMLElement;
  change?: HTMLElement | null;
  /** At the end of the line of the name. */
  measure: HTMLElement | null;
  /** Below it. */
  lines: HTMLElement[];
}

function unitButton(unit: UnitSummary, { attributes, number, change, measure, lines }: UnitButton): HTMLElement {
  const name = element('span', { class: 'other-name', dir: 'auto' }, unit.title, change);
  return element(
    'button',
    { type: 'button', class: 'other candidate', 'data-unit': unit.unit_id, ...attributes },
    number,
    unitSwatch({ ...unit, is_old: isOld((unit.position_age_s ?? 0) * 1_000) }),
    element('span', { class: 'candidate-lines' }, element('span', { class: 'candidate-head' }, name, measure), ...lines),
  );
}

/** Kind, and how old its position is. */
function factsOf(unit: UnitSummary): string {
  const kind = kindOf(unit);
  const age = unit.position_age_s;
  const parts = [kind ? word(kind.name) : unit.profile, age === null ? word('neverSeen') : `${word('seen')} ${ago(age)}`];
  if (unit.is_simulated) parts.push(word('simulated'));
  return parts.join(' · ');
}

function rejectedList(rejected: Rejected[]): (HTMLElement | null)[] {
  if (rejected.length === 0) return [];
  const rows = rejected.map((unit) => {
    const button = unitButton(unit, {
      attributes: { id: `rejected-${unit.unit_id}`, 'data-reason': unit.reason.kind },
      measure: unit.line_m === null ? null : element('span', { class: 'candidate-facts' }, distance(unit.line_m)),
      lines: [
        element('span', { class: 'why' }, sentence(text(unit.sentence))),
        element('span', { class: 'candidate-facts' }, word(STATUS_LOOKS[unit.status].name), ' · ', factsOf(unit)),
      ],
    });
    return element('li', {}, button);
  });
  return [
    element('h3', { class: 'small-heading' }, word('incidentRejected')),
    element('ul', { class: 'near-list rejected', id: 'incident-rejected' }, ...rows),
  ];
}

/** The server's sentences have no full stop. */
function sentence(said: string): string {
  return /[.!?]$/.test(said) ? said : `${said}.`;
}

function notice(message: string): HTMLElement {
  return element('p', { class: 'notice' }, message);
}
