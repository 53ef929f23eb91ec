// Units and incidents on the page: the units on the map, the sheet of one, and the tool that says
// who gets there first; how they reach each other and the rest of the page.

import type { LonLat } from './api';
import { byId } from './dom';
import { IncidentTool } from './incident';
import type { CityMap } from './map';
import { type DrawnUnit, UnitOverlay } from './unit_overlay';
import { areUnitsShown, drawUnitChip } from './unit_legend';
import { drawUnitSheet, focusUnitSheet, hideUnitSheet, updateUnitSheet } from './unit_sheet';
import { Units } from './units';
import type { Unit, UnitChanges } from './units_api';

/** What units and incidents ask of the page. */
export interface DispatchActions {
  bringIntoView(places: LonLat[], card: HTMLElement): void;
  /** Something of ours opens: what else lies there shall close. */
  makeRoom(): void;
}

/** A fix grows older on the screen. */
const AGE_EVERY_MS = 1_000;

export class Dispatch {
  readonly incident: IncidentTool;
  private readonly units = new Units();
  private readonly overlay: UnitOverlay;
  private chosen: string | undefined;

  constructor(
    private readonly city: CityMap,
    private readonly actions: DispatchActions,
  ) {
    const { map } = city;
    this.overlay = new UnitOverlay(map, this.units);
    this.overlay.show(areUnitsShown());
    this.incident = new IncidentTool({
      centre: () => map.getCenter().toArray() as LonLat,
      mark: (marks) => city.mark(marks),
      rank: (ranks) => this.overlay.emphasize({ ranks }),
      bringIntoView: (places) => actions.bringIntoView(places, byId('incident')),
      left: () => map.getCanvas().focus(),
    });
    this.units.onChange(() => this.unitsChanged());
    setInterval(() => this.followAges(), AGE_EVERY_MS);
  }

  /** The stream told of units. */
  take(changes: UnitChanges): void {
    this.units.take(changes);
  }

  /** The units on the screen and where each is drawn. */
  drawnUnits(): DrawnUnit[] {
    return this.overlay.onScreen();
  }

  /** Writes all words anew in the page's language. */
  translate(): void {
    this.incident.translate();
    this.overlay.redraw();
    this.drawChip();
    const unit = this.chosenUnit();
    if (unit) drawUnitSheet(unit, () => this.closeSheet());
  }

  /** Opens the sheet of the unit at a place on the screen; says whether there is one. */
  inspect(pixel: { x: number; y: number }): boolean {
    const unit = this.overlay.pick(pixel.x, pixel.y);
    if (unit) this.openSheet(unit);
    return unit !== undefined;
  }

  /** Whether the sheet of a unit is open. */
  get hasSheet(): boolean {
    return this.chosen !== undefined;
  }

  closeSheet(): void {
    if (!this.hasSheet) return;
    this.chosen = undefined;
    hideUnitSheet();
    this.overlay.emphasize({ chosen: undefined });
    this.city.map.getCanvas().focus();
  }

  /** Opens or closes the incident tool. */
  toggleIncident(): void {
    if (this.incident.isOpen) this.incident.close();
    else this.openIncident();
  }

  /** Opens the incident tool, at a place where one is given. */
  openIncident(place?: LonLat): void {
    this.actions.makeRoom();
    this.incident.open(place);
  }

  private openSheet(unit: Unit): void {
    this.actions.makeRoom();
    this.chosen = unit.id;
    this.overlay.emphasize({ chosen: unit.id });
    drawUnitSheet(unit, () => this.closeSheet());
    focusUnitSheet();
  }

  private chosenUnit(): Unit | undefined {
    return this.chosen === undefined ? undefined : this.units.find(this.chosen);
  }

  private unitsChanged(): void {
    this.drawChip();
    this.drawAges();
    this.incident.refresh();
    if (this.hasSheet && !this.chosenUnit()) this.closeSheet();
  }

  private followAges(): void {
    if (document.hidden) return;
    this.drawAges();
    this.overlay.followAges();
  }

  private drawAges(): void {
    const unit = this.chosenUnit();
    if (unit && !document.hidden) updateUnitSheet(unit);
  }

  private drawChip(): void {
    drawUnitChip(this.units.all, (isShown) => {
      this.overlay.show(isShown);
      this.drawChip();
    });
  }
}
