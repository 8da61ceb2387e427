import { isDeepStrictEqual } from 'node:util';
import type { AccountState } from './account-state.ts';
import type { ObjectRecord } from './object-record.ts';
import { holdsSecrets } from './sealing.ts';

/** In what a kept state differs from the fold of the same events, in a few words each. Values are never repeated: they may be secret. */
export function* stateDifferences(kept: AccountState, folded: AccountState): Generator<string> {
  for (const field of ['revision', 'phase', 'cluster', 'path'] as const)
    if (kept[field] !== folded[field]) yield `${field} is ${kept[field]}, not ${folded[field]}`;
  if (!isDeepStrictEqual(kept.owner, folded.owner)) yield 'the owner is another';
  if (!isDeepStrictEqual(kept.bindings, folded.bindings)) yield 'the bindings are others';
  const missing = new Map([...folded.records()].map((record) => [record.uid, record]));
  for (const record of kept.records()) {
    const expected = missing.get(record.uid);
    missing.delete(record.uid);
    if (!expected) yield `${nameOf(record)} should not be there`;
    else yield* recordDifferences(record, expected);
  }
  for (const record of missing.values()) yield `${nameOf(record)} is missing`;
}

function* recordDifferences(kept: ObjectRecord, folded: ObjectRecord): Generator<string> {
  const name = nameOf(folded);
  for (const field of ['key', 'position', 'labels', 'deleting', 'provider', 'sequence', 'owners', 'secretFields'] as const)
    if (!isDeepStrictEqual(kept[field], folded[field])) yield `${name} has another ${field}`;
  // What was sealed comes back with its fields in another order.
  const same = holdsSecrets(folded) ? isDeepStrictEqual(kept.object, folded.object) : kept.text === folded.text;
  if (!same) yield `${name} has another content`;
}

const nameOf = ({ key: { group, resource, namespace, name } }: ObjectRecord): string =>
  [group === '' ? resource : `${resource}.${group}`, namespace, name].filter((part) => part !== '').join('/');
