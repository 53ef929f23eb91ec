// The incident tool: a place on the map and a service in, who gets there first out. It asks again by
// itself as units move and roads change, so that the order on the screen is the order now.

import type { LonLat } from './api';
import { type Answer, type Candidate, candidatesOf, fetchCandidates } from './candidates';
import { byId } from './dom';
import type { Drawing } from './drawn_style';
import { incidentMarks } from './incident_marks';
import { drawIncident, drawIncidentResults, type IncidentContent, tellIncident } from './incident_panel';
import { word } from './i18n';
import { phrase, travelTime } from './phrases';
import { RankChanges } from './rank_changes';
import { throttled } from './throttle';

/** What the tool asks of the page. */
export interface IncidentActions {
  centre(): LonLat;
  mark(marks: Drawing['marks']): void;
  /** Marks units by their place in the order. */
  rank(ranks: ReadonlyMap<string, number>): void;
  bringIntoView(places: LonLat[]): void;
  left(): void;
}

/** Least time between two questions, however fast the city changes. */
const ASK_EVERY_MS = 1_000;

/** Ages grow and changes fade without a word of the server; without a stream the order follows by it, too. */
const TICK_MS = 5_000;

const FIRST_SERVICE = '115';

/** What a caller's phone knows of its place in a city. */
const FIRST_ACCURACY_M = 50;

export class IncidentTool {
  private service = FIRST_SERVICE;
  private accuracyM = FIRST_ACCURACY_M;
  private place: LonLat | undefined;
  private answer: Answer | undefined;
  private state: IncidentContent['state'] = 'waiting';
  /** The unit whose way is looked at, beside the first one's. */
  private regarded: string | undefined;
  private asking: AbortController | undefined;
  /** Something changed while the server was asked. */
  private isOutrun = false;
  private ticking: ReturnType<typeof setInterval> | undefined;
  private readonly changes = new RankChanges();

  /** Something changed on which the order may rest. */
  readonly refresh = throttled(() => {
    if (!this.place || document.hidden) return;
    // The answer that is on its way may be from before.
    if (this.asking) this.isOutrun = true;
    else void this.askServer(this.place, 'again');
  }, ASK_EVERY_MS);

  constructor(private readonly actions: IncidentActions) {}

  get isOpen(): boolean {
    return !byId('incident').hidden;
  }

  /** Opens the tool and gives it the keyboard; with a place it asks at once. */
  open(place?: LonLat): void {
    byId('incident').hidden = false;
    document.body.classList.add('nearest-open');
    this.ticking ??= setInterval(() => this.refresh(), TICK_MS);
    this.draw();
    byId('incident-title').focus();
    if (place) void this.ask(place);
  }

  /** Leaves the tool; its marks go with it. */
  close(): void {
    if (!this.isOpen) return;
    this.asking?.abort();
    clearInterval(this.ticking);
    this.ticking = this.asking = this.place = this.answer = this.regarded = undefined;
    this.state = 'waiting';
    this.changes.reset();
    byId('incident').hidden = true;
    document.body.classList.remove('nearest-open');
    this.actions.mark(undefined);
    this.actions.rank(new Map());
    this.actions.left();
  }

  /** Writes all anew in the page's language. */
  translate(): void {
    if (this.isOpen) this.draw();
  }

  /** Asks who gets to a place first. */
  async ask(place: LonLat): Promise<void> {
    this.place = place;
    this.asking?.abort();
    this.asking = this.answer = this.regarded = undefined;
    this.changes.reset();
    this.state = 'asking';
    this.show();
    await this.askServer(place, 'first');
  }

  /** The question is another one now; without a place there is none yet. */
  private askAnew(): void {
    if (this.place) void this.ask(this.place);
  }

  private async askServer(place: LonLat, turn: 'first' | 'again'): Promise<void> {
    const { service, accuracyM } = this;
    const asking = new AbortController();
    this.asking = asking;
    try {
      const answer = await fetchCandidates({ place, service, accuracyM }, asking.signal);
      if (asking.signal.aborted) return;
      this.take(answer, turn);
    } catch {
      if (asking.signal.aborted) return;
      // An old order is worth more than none, but never without a word.
      this.state = 'failed';
    }
    // Whoever asks another question aborts this one: it was the only one.
    this.asking = undefined;
    if (this.isOutrun) {
      this.isOutrun = false;
      this.refresh();
    }
    this.show();
    if (turn === 'first' && this.answer) this.actions.bringIntoView([place, ...firstWay(this.answer)]);
  }

  private take(answer: Answer, turn: 'first' | 'again'): void {
    this.answer = answer;
    this.state = 'answered';
    const isOtherFirst = this.changes.take(candidatesOf(answer), performance.now());
    const [first] = candidatesOf(answer);
    if (turn === 'first' || isOtherFirst) tellIncident(this.announcement(first, turn));
  }

  private announcement(first: Candidate | undefined, turn: 'first' | 'again'): string {
    if (!first) return word('incidentNobody');
    const time = first.eta_s === null ? '' : travelTime(first.eta_s);
    return phrase(turn === 'first' ? 'incidentFirstIs' : 'incidentFirstIsNow', { unit: first.title, time });
  }

  private draw(): void {
    drawIncident(this.content(), {
      close: () => this.close(),
      centre: () => void this.ask(this.actions.centre()),
      chooseService: (service) => {
        this.service = service;
        this.draw();
        this.askAnew();
      },
      chooseAccuracy: (metres) => {
        this.accuracyM = metres;
        this.askAnew();
      },
      regard: (unit) => this.regard(unit),
      goTo: (unit) => this.goTo(unit),
    });
    this.show();
  }

  private regard(unit: string | undefined): void {
    if (this.regarded === unit) return;
    this.regarded = unit;
    this.mark();
  }

  private goTo(unit: string): void {
    const found = this.answer && candidatesOf(this.answer).find(({ unit_id: id }) => id === unit);
    const rejected = this.answer?.rejected.find(({ unit_id: id }) => id === unit);
    const way = found?.geometry?.coordinates ?? [found?.position ?? rejected?.position].flatMap((one) => (one ? [one] : []));
    if (this.place) this.actions.bringIntoView([this.place, ...way]);
  }

  private content(): IncidentContent {
    const { service, accuracyM, place, answer, state, changes } = this;
    const now = performance.now();
    return { service, accuracyM, place, answer, state, changeOf: (id) => changes.of(id, now) };
  }

  private show(): void {
    drawIncidentResults(this.content());
    this.mark();
  }

  private mark(): void {
    const { place, answer, regarded } = this;
    this.actions.mark(place && incidentMarks({ place, answer, regarded }));
    this.actions.rank(new Map((answer ? candidatesOf(answer) : []).map(({ unit_id: id, rank }) => [id, rank])));
  }
}

function firstWay(answer: Answer): LonLat[] {
  const [first] = candidatesOf(answer);
  return first?.geometry?.coordinates ?? (first?.position ? [first.position] : []);
}
