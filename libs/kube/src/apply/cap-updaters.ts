import { union } from './field-set.ts';
import { ownerKey, secondsOf, type Managed } from './managed-fields.ts';
import type { OwnedFields } from './owners.ts';

const updatersMax = 10;

/** Keeps the number of those who update within bounds: the oldest are put together, version by version. */
export function capUpdaters(managed: Managed): Managed {
  const updaters = [...managed.owners].filter(([, { applied }]) => !applied).map(([owner]) => owner);
  if (updaters.length <= updatersMax) return managed;
  const owners = new Map(managed.owners);
  const times = new Map(managed.times);
  const ageOf = (owner: string): number => secondsOf(times.get(owner));
  updaters.sort((a, b) => ageOf(a) - ageOf(b) || (a < b ? -1 : 1));
  const firstOf = new Map<string, string>();
  let count = updaters.length;
  for (const updater of updaters) {
    if (count <= updatersMax) break;
    const own = owners.get(updater) as OwnedFields;
    const first = firstOf.get(own.apiVersion);
    if (first === undefined) {
      firstOf.set(own.apiVersion, updater);
      continue;
    }
    const bucket = ownerKey({ manager: 'ancient-changes', operation: 'Update', apiVersion: own.apiVersion, subresource: '' });
    const gathered = owners.get(bucket) ?? (owners.get(first) as OwnedFields);
    if (!owners.has(bucket)) owners.delete(first);
    owners.delete(updater);
    owners.set(bucket, { ...own, fields: union(own.fields, gathered.fields) });
    const time = managed.times.get(updater);
    if (time === undefined) times.delete(bucket);
    else times.set(bucket, time);
    count -= 1;
  }
  return { ...managed, owners, times };
}
