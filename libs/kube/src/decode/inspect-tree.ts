import type { Json, JsonObject } from '../json.ts';

export type TreeFinding =
  | { readonly type: 'sound'; readonly keyCount: number }
  | { readonly type: 'tooDeep' }
  /** `path` is written as in messages: `spec.items[0].__proto__`. */
  | { readonly type: 'prototypeKey'; readonly path: string }
  | { readonly type: 'notFinite'; readonly path: string };

/** Looks at a decoded tree once: how many keys it has, and whether the code behind may walk it without care. */
export function inspectTree(root: Json, depthMax: number): TreeFinding {
  const walk: Walk = { depthMax, keyCount: 0, finding: undefined };
  visit(root, 0, walk);
  const { finding } = walk;
  if (finding === undefined) return { type: 'sound', keyCount: walk.keyCount };
  return 'path' in finding ? { ...finding, path: finding.path.replace(/^\./, '') } : finding;
}

type Unsound = Exclude<TreeFinding, { type: 'sound' }>;
type Walk = { readonly depthMax: number; keyCount: number; finding: Unsound | undefined };

/** Answers whether to go on. The path is collected on the way back, so that a sound tree costs no strings. */
function visit(value: Json, depth: number, walk: Walk): boolean {
  if (typeof value !== 'object') {
    if (typeof value !== 'number' || Number.isFinite(value)) return true;
    return stop(walk, { type: 'notFinite', path: '' });
  }
  if (value === null) return true;
  if (depth >= walk.depthMax) return stop(walk, { type: 'tooDeep' });
  return Array.isArray(value) ? visitItems(value as readonly Json[], depth, walk) : visitFields(value as JsonObject, depth, walk);
}

function visitItems(items: readonly Json[], depth: number, walk: Walk): boolean {
  for (let index = 0; index < items.length; index += 1) {
    const item = items[index] as Json;
    if (typeof item === 'string') continue;
    if (!visit(item, depth + 1, walk)) return leave(walk, `[${index}]`);
  }
  return true;
}

function visitFields(fields: JsonObject, depth: number, walk: Walk): boolean {
  const keys = Object.keys(fields);
  walk.keyCount += keys.length;
  for (const key of keys) {
    if (key === '__proto__') {
      stop(walk, { type: 'prototypeKey', path: '' });
      return leave(walk, `.${key}`);
    }
    const value = fields[key] as Json;
    if (typeof value !== 'string' && !visit(value, depth + 1, walk)) return leave(walk, `.${key}`);
  }
  return true;
}

function stop(walk: Walk, finding: Unsound): boolean {
  walk.finding = finding;
  return false;
}

function leave(walk: Walk, segment: string): boolean {
  const { finding } = walk;
  if (finding !== undefined && 'path' in finding) walk.finding = { ...finding, path: `${segment}${finding.path}` };
  return false;
}
