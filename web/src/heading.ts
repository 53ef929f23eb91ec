// What a person would call a feature.

import type { Attribute, Layer, PlacedFeature } from './api';
import { attributeValue, capitalised, language, text } from './i18n';

/** Attributes that may name a feature, best first. */
const NAME_ATTRIBUTES = {
  vi: ['full_name', 'name', 'ref'],
  en: ['full_name_en', 'name_en', 'full_name', 'name', 'ref'],
};

/** Spellings of the name that need no row of their own under a heading. */
export const NAME_ROWS = ['name', 'full_name', 'name_en', 'full_name_en'];

/** A code that says nothing names nothing. */
const UNSPECIFIED = 'unspecified';

/** What a person would call the feature. */
export function headingOf(feature: PlacedFeature, layer: Layer): string {
  const { number: house, street } = feature.properties;
  if (typeof house === 'string' && typeof street === 'string') return `${house} ${street}`;
  for (const name of NAME_ATTRIBUTES[language()]) {
    const value = feature.properties[name];
    if (typeof value === 'string' && value !== '') return value;
  }
  for (const attribute of layer.attributes) {
    const coded = isCoded(attribute) && feature.properties[attribute.name] !== UNSPECIFIED;
    if (!coded) continue;
    const label = attributeValue(attribute, feature.properties[attribute.name]);
    if (label) return capitalised(label);
  }
  return text(layer.title);
}

/** Whether an attribute's values come from a code list. */
export function isCoded({ type }: Attribute): boolean {
  return type === 'code' || type === 'codes';
}
