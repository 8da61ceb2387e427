import { parseJson } from '#json';
import type { JsonObject, KubeObject, ResourceKey } from '#kube';

/** Makes what only the account may read unreadable for whoever else reads its log, and readable again. */
export type Seals = {
  /** Undefined where the object's key is destroyed: it was removed. @throws Error where it never had one */
  readonly seal: (uid: string, text: string) => string | undefined;
  /** Undefined where the object's key is destroyed: nobody will read this again. */
  readonly open: (uid: string, sealed: string) => string | undefined;
};

/** Where secrets stand in an object, as steps from its root. */
type Place = readonly string[];

/** kubectl keeps a copy of what it applied, secrets included. */
const lastApplied: Place = ['metadata', 'annotations', 'kubectl.kubernetes.io/last-applied-configuration'];

const secretPlaces: ReadonlyMap<string, readonly Place[]> = new Map([['/secrets', [['data'], lastApplied]]]);

/** Whether objects of this resource hold what must not stand in clear anywhere but in the account's memory. */
export function isSealed({ group, resource }: Pick<ResourceKey, 'group' | 'resource'>): boolean {
  return resource === 'secrets' && group === '';
}

/** An object without its secrets, and these as text; undefined where it holds none. */
export function parted(object: KubeObject, key: ResourceKey): { readonly open: KubeObject; readonly secret: string } | undefined {
  let open = object as unknown as JsonObject;
  const secrets: [Place, unknown][] = [];
  for (const place of secretPlaces.get(`${key.group}/${key.resource}`) ?? []) {
    const found = taken(open, place);
    if (!found) continue;
    secrets.push([place, found.value]);
    open = found.rest;
  }
  return secrets.length === 0 ? undefined : { open: open as unknown as KubeObject, secret: JSON.stringify(secrets) };
}

/** The object with the secrets that `parted` took out of it. */
export function joined(object: KubeObject, secret: string): KubeObject {
  const secrets = parseJson(secret) as readonly [Place, unknown][];
  return secrets.reduce((whole, [place, value]) => placed(whole, place, value), object as unknown as JsonObject) as unknown as KubeObject;
}

function taken(object: JsonObject, [step = '', ...steps]: Place): { readonly rest: JsonObject; readonly value: unknown } | undefined {
  if (!Object.hasOwn(object, step)) return undefined;
  const { [step]: value, ...rest } = object;
  if (steps.length === 0) return { rest, value };
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const inner = taken(value as JsonObject, steps);
  return inner && { rest: { ...object, [step]: inner.rest }, value: inner.value };
}

function placed(object: JsonObject, [step = '', ...steps]: Place, value: unknown): JsonObject {
  const inner = steps.length === 0 ? value : placed((object[step] ?? {}) as JsonObject, steps, value);
  return { ...object, [step]: inner } as JsonObject;
}
