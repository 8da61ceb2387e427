import { wholeNumber } from '#json';

/** A compiled path of the simple dialect: answers the first value found, or undefined. */
export type JsonPath = (root: unknown) => unknown;

/**
 * `.spec.region`, `.metadata.annotations['a.b/c']`, `.spec.ports[0].name`, `.spec.items[*].x`, `.metadata.labels.a\.b`,
 * `.status.conditions[?(@.type=="Ready")].status`, with or without braces. A text that is none of this finds nothing.
 */
export function compileJsonPath(text: string): JsonPath {
  const steps = parseSteps(text.replace(/^\{(.*)\}$/s, '$1'));
  return steps === undefined ? () => undefined : (root) => findFirst(root, steps, 0);
}

type Step =
  | { readonly type: 'field'; readonly name: string }
  | { readonly type: 'index'; readonly index: number }
  | { readonly type: 'every' }
  | {
      readonly type: 'filter';
      readonly path: readonly string[];
      readonly equal: boolean;
      readonly value: string | number | bigint | boolean;
    };

const stepText =
  /\.((?:[^.[\]\\]|\\.)+)|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]|\[(-?\d+)\]|\[(\*)\]|\[\?\(\s*@((?:\.[^.\s=!<>\])]+)+)\s*(==|!=)\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|true|false|-?\d+(?:\.\d+)?)\s*\)\]/gy;

function parseSteps(text: string): readonly Step[] | undefined {
  const steps: Step[] = [];
  const whole = text.startsWith('.') || text.startsWith('[') ? text : `.${text}`;
  stepText.lastIndex = 0;
  for (let at = 0; at < whole.length; at = stepText.lastIndex) {
    const match = stepText.exec(whole);
    if (match === null) return undefined;
    const [, field, single, double, index, every, path, operator, value] = match;
    const name = field ?? single ?? double;
    if (name !== undefined) steps.push(name === '*' ? { type: 'every' } : { type: 'field', name: name.replace(/\\(.)/gs, '$1') });
    else if (index !== undefined) steps.push({ type: 'index', index: Number(index) });
    else if (every !== undefined) steps.push({ type: 'every' });
    else if (path !== undefined && value !== undefined)
      steps.push({ type: 'filter', path: path.slice(1).split('.'), equal: operator === '==', value: literal(value) });
  }
  return steps;
}

function literal(text: string): string | number | bigint | boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  if (text.startsWith('"') || text.startsWith("'")) return text.slice(1, -1).replace(/\\(.)/gs, '$1');
  return wholeNumber(text) ?? Number(text);
}

function findFirst(value: unknown, steps: readonly Step[], at: number): unknown {
  const step = steps[at];
  if (step === undefined) return value;
  if (typeof value !== 'object' || value === null) return undefined;
  switch (step.type) {
    case 'field':
      return Object.hasOwn(value, step.name) ? findFirst((value as Record<string, unknown>)[step.name], steps, at + 1) : undefined;
    case 'index':
      return Array.isArray(value) ? findFirst(value.at(step.index), steps, at + 1) : undefined;
    case 'every':
      return firstOf(Object.values(value), steps, at + 1);
    case 'filter':
      return firstOf(
        Array.isArray(value) ? value.filter((item) => (fieldOf(item, step.path) === step.value) === step.equal) : [],
        steps,
        at + 1,
      );
  }
}

function firstOf(values: readonly unknown[], steps: readonly Step[], at: number): unknown {
  for (const value of values) {
    const found = findFirst(value, steps, at);
    if (found !== undefined) return found;
  }
  return undefined;
}

function fieldOf(item: unknown, path: readonly string[]): unknown {
  let value = item;
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}
