import { parseJson } from '#json';
import { anyStep, type FieldPattern, type JsonObject, type KubeObject, type ResourceKey } from '#kube';

/** Makes what only the account may read unreadable for whoever else reads its log, and readable again. */
export type Seals = {
  /** Undefined where the object's key is destroyed: it was removed. @throws Error where it never had one */
  readonly seal: (uid: string, text: string) => string | undefined;
  /** Undefined where the object's key is destroyed: nobody will read this again. */
  readonly open: (uid: string, sealed: string) => string | undefined;
};

/** Where something stands in an object, as steps from its root: names of fields, and indexes of items. */
export type Place = readonly (string | number)[];

/** What decides where an object's secrets stand: which kind it is of, and which fields its schema marks. */
export type Sealable = {
  readonly key: Pick<ResourceKey, 'group' | 'resource'>;
  readonly secretFields?: readonly FieldPattern[] | undefined;
};

/** kubectl keeps a copy of what it applied, secrets included. */
const lastApplied: Place = ['metadata', 'annotations', 'kubectl.kubernetes.io/last-applied-configuration'];
/** Owned items of sets, and keys of list items, stand there by their values. */
const managedFields: Place = ['metadata', 'managedFields'];

const ofSecrets: readonly Place[] = [['data'], lastApplied];
/** Of objects whose schema marks fields, beside these. */
const ofMarked: readonly Place[] = [lastApplied, managedFields];

/** Whether objects of this resource hold what must not stand in clear anywhere but in the account's memory, whatever their schema says. */
export function isSealed({ group, resource }: Pick<ResourceKey, 'group' | 'resource'>): boolean {
  return resource === 'secrets' && group === '';
}

/** The same for one object: it has a key of its own, and stands in the log sealed with it. */
export function holdsSecrets({ key, secretFields }: Sealable): boolean {
  return secretFields !== undefined || isSealed(key);
}

/** An object without its secrets, and these as text; undefined where it holds none. */
export function parted(object: KubeObject, sealable: Sealable): { readonly open: KubeObject; readonly secret: string } | undefined {
  let open = object as unknown as JsonObject;
  const secrets: [Place, unknown][] = [];
  for (const place of placesIn(object, sealable)) {
    const found = taken(open, place);
    if (!found) continue;
    secrets.push([place, found.value]);
    open = found.rest as JsonObject;
  }
  return secrets.length === 0 ? undefined : { open: open as unknown as KubeObject, secret: JSON.stringify(secrets) };
}

/** The object with the secrets that `parted` took out of it. */
export function joined(object: KubeObject, secret: string): KubeObject {
  const secrets = parseJson(secret) as readonly [Place, unknown][];
  return secrets.reduce<unknown>((whole, [place, value]) => placed(whole, place, value), object) as KubeObject;
}

/** What stands in the marked fields of an object, and where. */
export function markedValues(object: KubeObject, secretFields: readonly FieldPattern[]): readonly (readonly [Place, unknown])[] {
  return secretFields.flatMap((pattern) => [...valuesAt(object, pattern, [])]);
}

/** One array for the same fields, so that objects that were read from the log share it. */
export function sharedFields(secretFields: readonly FieldPattern[]): readonly FieldPattern[] {
  const text = JSON.stringify(secretFields);
  let same = shared.get(text);
  if (same === undefined) {
    if (shared.size >= sharedMax) shared.clear();
    shared.set(text, (same = secretFields));
  }
  return same;
}

const shared = new Map<string, readonly FieldPattern[]>();
const sharedMax = 1_000;

/** What was sealed once stays sealed, also where the schema no longer marks it. Undefined where nothing is marked. */
export function allSecretFields(
  before: readonly FieldPattern[] | undefined,
  now: readonly FieldPattern[],
): readonly FieldPattern[] | undefined {
  if (before === undefined || before === now) return now.length === 0 ? before : now;
  const all = new Map([...before, ...now].map((pattern) => [JSON.stringify(pattern), pattern]));
  return all.size === before.length ? before : [...all.values()];
}

function placesIn(object: KubeObject, { key, secretFields }: Sealable): readonly Place[] {
  const places = isSealed(key) ? ofSecrets : [];
  if (secretFields === undefined) return places;
  return [...places, ...markedValues(object, secretFields).map(([place]) => place), ...ofMarked];
}

function* valuesAt(value: unknown, [step, ...steps]: FieldPattern, place: Place): Generator<readonly [Place, unknown]> {
  if (step === undefined) {
    if (value !== undefined) yield [place, value];
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    if (step === anyStep) for (const [index, item] of value.entries()) yield* valuesAt(item, steps, [...place, index]);
    return;
  }
  for (const name of step === anyStep ? Object.keys(value) : [step])
    if (Object.hasOwn(value, name)) yield* valuesAt((value as JsonObject)[name], steps, [...place, name]);
}

function taken(value: unknown, [step = '', ...steps]: Place): { readonly rest: unknown; readonly value: unknown } | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
  const inside = (value as Record<string | number, unknown>)[step];
  if (steps.length === 0) {
    const { [step]: _, ...rest } = value as Record<string | number, unknown>;
    return { rest, value: inside };
  }
  const inner = taken(inside, steps);
  return inner && { rest: withStep(value, step, inner.rest), value: inner.value };
}

function placed(value: unknown, [step = '', ...steps]: Place, secret: unknown): unknown {
  const inside = (value as Record<string | number, unknown> | undefined)?.[step];
  return withStep(value, step, steps.length === 0 ? secret : placed(inside, steps, secret));
}

function withStep(value: unknown, step: string | number, inside: unknown): unknown {
  return Array.isArray(value) ? value.with(Number(step), inside) : { ...(value as object | undefined), [step]: inside };
}
