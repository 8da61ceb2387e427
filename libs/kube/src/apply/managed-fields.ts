import type { Json, JsonObject } from '../json.ts';
import { equalJson } from '../equal-json.ts';
import { decodeFields, encodeFields } from './fields-v1.ts';
import type { FieldSet } from './field-set.ts';
import { isMap } from './field-type.ts';
import type { OwnedFields, Owners } from './owners.ts';

/** `metadata.managedFields` as it is read and written: the owners of an object's fields, and when each last wrote. */
export type Managed = {
  readonly owners: Owners;
  /** RFC 3339, seconds, by owner. */
  readonly times: ReadonlyMap<string, string>;
  /** What was read: an owner whose fields did not change is written as it was. */
  readonly read: ReadonlyMap<string, { readonly fields: FieldSet; readonly text: Json }>;
};

export const nobody: Managed = { owners: new Map(), times: new Map(), read: new Map() };

/** What tells one owner from another: an applier is one in all versions, whoever updates is one in each. */
export type OwnerName = {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  /** Empty for Apply. */
  readonly apiVersion: string;
  readonly subresource: string;
};

/** The name as text, and as upstream sorts it. */
export function ownerKey({ manager, operation, apiVersion, subresource }: OwnerName): string {
  return JSON.stringify({
    ...(manager === '' ? {} : { manager }),
    operation,
    ...(apiVersion === '' || operation === 'Apply' ? {} : { apiVersion }),
    ...(subresource === '' ? {} : { subresource }),
  });
}

export function readOwnerKey(key: string): OwnerName {
  return { manager: '', apiVersion: '', subresource: '', ...(JSON.parse(key) as Partial<OwnerName> & Pick<OwnerName, 'operation'>) };
}

/** Undefined where any entry is not well-formed. */
export function decodeManaged(entries: readonly Json[]): Managed | undefined {
  const owners = new Map<string, OwnedFields>();
  const times = new Map<string, string>();
  const read = new Map<string, { fields: FieldSet; text: Json }>();
  for (const entry of entries) {
    if (!isMap(entry)) return undefined;
    const { manager = '', operation, apiVersion, subresource = '', time, fieldsType, fieldsV1 } = entry;
    if ((operation !== 'Apply' && operation !== 'Update') || typeof apiVersion !== 'string' || apiVersion === '') return undefined;
    if (fieldsType !== 'FieldsV1' || typeof manager !== 'string' || typeof subresource !== 'string') return undefined;
    const fields = decodeFields(fieldsV1 ?? {});
    if (fields === undefined) return undefined;
    const key = ownerKey({ manager, operation, apiVersion, subresource });
    owners.set(key, { fields, apiVersion, applied: operation === 'Apply' });
    if (typeof time === 'string') times.set(key, time);
    if (fieldsV1 !== undefined) read.set(key, { fields, text: fieldsV1 });
  }
  return { owners, times, read };
}

/** The entries in upstream's order, or undefined where nobody owns anything. */
export function encodeManaged({ owners, times, read }: Managed): readonly JsonObject[] | undefined {
  if (owners.size === 0) return undefined;
  const entries = [...owners].map(([key, { fields, apiVersion, applied }]) => {
    const name = readOwnerKey(key);
    const known = read.get(key);
    const fieldsV1 = known?.fields === fields ? known.text : encodeFields(fields);
    return managedEntry({ ...name, operation: applied ? 'Apply' : name.operation, apiVersion }, fieldsV1, times.get(key));
  });
  return entries.length === 1 ? entries : entries.sort(byOrder);
}

/** One entry as it is written. `time`: RFC 3339, seconds. */
export function managedEntry({ manager, operation, apiVersion, subresource }: OwnerName, fieldsV1: Json, time?: string) {
  return {
    ...(manager === '' ? {} : { manager }),
    operation,
    apiVersion,
    ...(time === undefined ? {} : { time }),
    fieldsType: 'FieldsV1',
    fieldsV1,
    ...(subresource === '' ? {} : { subresource }),
  };
}

/** The entries with one more of an owner that is not among them, in upstream's order. */
export function withEntry(entries: readonly JsonObject[], entry: JsonObject): readonly JsonObject[] {
  return [...entries, entry].sort((a, b) => byOrder(a as Entry, b as Entry));
}

/** Whether two lists of entries say the same, whenever it was that it was written. */
export function sameOwnership(a: readonly JsonObject[] | undefined, b: readonly JsonObject[] | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined || a.length !== b.length) return false;
  const inB = new Map(b.map((entry) => [keyOf(entry), entry]));
  return a.every((entry) => {
    const other = inB.get(keyOf(entry));
    if (other === undefined || other['apiVersion'] !== entry['apiVersion']) return false;
    return other['fieldsV1'] === entry['fieldsV1'] || equalJson(other['fieldsV1'], entry['fieldsV1']);
  });
}

/** Whether a client asks for nobody to own anything: an empty list, or one empty entry. */
export function asksForReset(entries: Json | undefined): boolean {
  if (!Array.isArray(entries)) return false;
  const [first] = entries as readonly Json[];
  return entries.length === 0 || (entries.length === 1 && isMap(first) && Object.keys(first).length === 0);
}

type Entry = {
  readonly operation: string;
  readonly time?: string;
  readonly manager?: string;
  readonly apiVersion: string;
  readonly subresource?: string;
};

/** By operation, time (seconds), manager, version and subresource. */
function byOrder(a: Entry, b: Entry): number {
  return (
    order(a.operation, b.operation) ||
    (a.time === b.time ? 0 : secondsOf(a.time) - secondsOf(b.time)) ||
    order(a.manager ?? '', b.manager ?? '') ||
    order(a.apiVersion, b.apiVersion) ||
    order(a.subresource ?? '', b.subresource ?? '')
  );
}

const order = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);

export const secondsOf = (time: string | undefined): number => (time === undefined ? 0 : Math.floor(Date.parse(time) / 1000) || 0);

function keyOf({ manager, operation, apiVersion, subresource }: JsonObject): string {
  return ownerKey({ manager, operation, apiVersion, subresource: subresource ?? '' } as OwnerName);
}
