// What a style expression says of one feature: only the expressions that our styles use for colours,
// widths and filters are understood; any other is `undefined`.

/** Attributes of a feature, as a tile has them. */
export type Properties = Record<string, unknown>;

/** Zoom at which swatches are drawn: a street-level view, where all classes are on the map. */
const LEGEND_ZOOM = 15;

type Operation = (operands: unknown[], properties: Properties) => unknown;

const OPERATIONS: Record<string, Operation> = {
  literal: ([value]) => value,
  get: ([name], properties) => properties[String(name)] ?? null,
  has: ([name], properties) => String(name) in properties,
  match: evaluateMatch,
  case: evaluateCase,
  step: evaluateStep,
  interpolate: (operands, properties) => evaluateStops(operands.slice(2), properties),
  all: (operands, properties) => operands.every((operand) => evaluate(operand, properties) !== false),
  any: (operands, properties) => operands.some((operand) => evaluate(operand, properties) === true),
  '!': ([operand], properties) => !evaluate(operand, properties),
  '==': ([one, other], properties) => evaluate(one, properties) === evaluate(other, properties),
  '!=': ([one, other], properties) => evaluate(one, properties) !== evaluate(other, properties),
  coalesce: (operands, properties) =>
    operands.map((operand) => evaluate(operand, properties)).find((value) => value !== null && value !== undefined),
  'to-color': (operands, properties) => operands.map((operand) => evaluate(operand, properties)).find(isColor),
  concat: (operands, properties) => operands.map((operand) => String(evaluate(operand, properties) ?? '')).join(''),
  slice: (operands, properties) => {
    const [text, from, to] = operands.map((operand) => evaluate(operand, properties));
    return String(text ?? '').slice(Number(from), to === undefined ? undefined : Number(to));
  },
  'index-of': (operands, properties) => {
    const [part, text] = operands.map((operand) => evaluate(operand, properties));
    return String(text ?? '').indexOf(String(part));
  },
};

/** Value of a style expression for a feature at [`LEGEND_ZOOM`]; `undefined` where it is not understood. */
export function evaluate(expression: unknown, properties: Properties): unknown {
  if (!Array.isArray(expression)) return expression;
  const [operator, ...operands] = expression as [string, ...unknown[]];
  return OPERATIONS[operator]?.(operands, properties);
}

function isColor(value: unknown): boolean {
  return typeof value === 'string' && CSS.supports('color', value);
}

function evaluateMatch([input, ...arms]: unknown[], properties: Properties): unknown {
  const value = evaluate(input, properties);
  for (let arm = 0; arm + 1 < arms.length; arm += 2) {
    if ([arms[arm]].flat().includes(value)) return evaluate(arms[arm + 1], properties);
  }
  return evaluate(arms.at(-1), properties);
}

function evaluateCase(arms: unknown[], properties: Properties): unknown {
  for (let arm = 0; arm + 1 < arms.length; arm += 2) {
    if (evaluate(arms[arm], properties) === true) return evaluate(arms[arm + 1], properties);
  }
  return evaluate(arms.at(-1), properties);
}

/** Steps of the zoom only. */
function evaluateStep([input, first, ...stops]: unknown[], properties: Properties): unknown {
  if (JSON.stringify(input) !== JSON.stringify(['zoom'])) return undefined;
  return evaluateStops([0, first, ...stops], properties);
}

/** The stop at or below the zoom: between two stops a swatch need not be exact. */
function evaluateStops(stops: unknown[], properties: Properties): unknown {
  let reached = stops[1];
  for (let stop = 0; stop + 1 < stops.length; stop += 2) {
    if (Number(stops[stop]) <= LEGEND_ZOOM) reached = stops[stop + 1];
  }
  return evaluate(reached, properties);
}
