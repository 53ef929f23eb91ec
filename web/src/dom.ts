// Making page elements: one function, so that text is always text and never markup.

type Child = Node | string | null | undefined;

/** Attributes of an element; `true` is a bare attribute, `false` and `undefined` leave it out. */
type Attributes = Record<string, string | number | boolean | undefined>;

/** Makes an element with attributes and children; absent children are skipped. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  setAttributes(made, attributes);
  append(made, children);
  return made;
}

/** Makes an SVG element, likewise. */
export function svg(tag: string, attributes: Attributes = {}, ...children: Child[]): SVGElement {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  setAttributes(made, attributes);
  append(made, children);
  return made;
}

/** The element of the page with this id, which index.html is known to hold. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`index.html has no element '${id}'`);
  return found;
}

/** Has a part of the page written anew; what has the keyboard in it keeps it, found again by its id. */
export function rewrite(part: HTMLElement, write: () => void): void {
  const focused = part.contains(document.activeElement) ? document.activeElement?.id : undefined;
  write();
  if (focused) document.getElementById(focused)?.focus();
}

/** One of the small line icons of the buttons, 20 by 20 pixels, from its path. */
export function icon(path: string): SVGElement {
  const line = svg('path', {
    d: path,
    fill: 'none',
    stroke: 'currentColor',
    'stroke-width': 1.8,
    'stroke-linecap': 'round',
    'stroke-linejoin': 'round',
  });
  return svg('svg', { width: 20, height: 20, viewBox: '0 0 20 20', 'aria-hidden': 'true' }, line);
}

function setAttributes(target: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) target.setAttribute(name, '');
    else if (value !== false && value !== undefined) target.setAttribute(name, String(value));
  }
}

function append(target: Element, children: Child[]): void {
  for (const child of children) {
    if (child !== null && child !== undefined) target.append(child);
  }
}
