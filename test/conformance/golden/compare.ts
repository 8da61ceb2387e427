/** Where two answers differ: `spec.items[0].name: "x" became "y"`. */
export type Differences = readonly string[];

/** Pairs of what each server chose for itself: a version or uid of theirs stands for one of ours, wherever it comes up. */
export class Correspondence {
  readonly #ours = new Map<string, string>();
  readonly #theirs = new Map<string, string>();

  /** False where one of the two has stood for something else. */
  agrees(theirs: string, ours: string): boolean {
    const known = this.#ours.get(theirs) ?? (this.#theirs.has(ours) ? undefined : ours);
    this.#ours.set(theirs, this.#ours.get(theirs) ?? ours);
    this.#theirs.set(ours, this.#theirs.get(ours) ?? theirs);
    return known === ours;
  }
}

export type Chosen = { readonly versions: Correspondence; readonly uids: Correspondence };

/** Field by field. Times agree when both are times, ages when both are ages. */
export function differences(theirs: unknown, ours: unknown, chosen: Chosen, at = ''): Differences {
  if (isObject(theirs) && isObject(ours)) {
    const names = new Set([...Object.keys(theirs), ...Object.keys(ours)]);
    return [...names].flatMap((name) => differences(theirs[name], ours[name], chosen, at === '' ? name : `${at}.${name}`));
  }
  if (Array.isArray(theirs) && Array.isArray(ours)) {
    const length = Math.max(theirs.length, ours.length);
    return Array.from({ length }, (_, index) => differences(theirs[index], ours[index], chosen, `${at}[${index}]`)).flat();
  }
  return theirs === ours || areAlike(theirs, ours, { chosen, at })
    ? []
    : [`${at}: ${JSON.stringify(theirs)} became ${JSON.stringify(ours)}`];
}

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const age = /^\d+[smhd]$/;
const uid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
/** What is left of a generated name without its end. */
const generated = /^g-[a-z0-9]{5}$/;
const version = /(?<=current: |in record \()\d+/g;

function areAlike(theirs: unknown, ours: unknown, { chosen, at }: { readonly chosen: Chosen; readonly at: string }): boolean {
  if (typeof theirs !== 'string' || typeof ours !== 'string') return false;
  if (/(^|\.)(resourceVersion|rv)$/.test(at)) return chosen.versions.agrees(theirs, ours);
  if (/(^|\.)continue$/.test(at)) return (theirs === '') === (ours === '');
  if ([time, age, generated].some((form) => form.test(theirs) && form.test(ours))) return true;
  const [their, our] = [theirs.match(uid) ?? [], ours.match(uid) ?? []];
  return (
    their.length === our.length && their.every((one, index) => chosen.uids.agrees(one, our[index] ?? '')) && plain(theirs) === plain(ours)
  );
}

const plain = (text: string): string => text.replace(uid, '(uid)').replace(version, '(version)');

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** JSON that a recording cut off, as far as it goes. */
export function repaired(text: string): unknown {
  const lines = text.trimEnd().split('\n');
  for (; lines.length > 0; lines.pop()) {
    const whole = lines.join('\n').replace(/,$/, '');
    try {
      return JSON.parse(`${whole}${closing(whole)}`) as unknown;
    } catch {
      // One line less, then.
    }
  }
  return undefined;
}

function closing(text: string): string {
  const open: string[] = [];
  for (const mark of text.replace(/"(\\.|[^"\\])*"/g, '').match(/[{}[\]]/g) ?? [])
    if (mark === '{' || mark === '[') open.unshift(mark === '{' ? '}' : ']');
    else open.shift();
  return open.join('');
}
