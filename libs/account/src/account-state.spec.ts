import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AccountState } from './account-state.ts';
import { ObjectRecord } from './object-record.ts';

const widget = (namespace: string, name: string, position: bigint): ObjectRecord => {
  const key = { group: 'example.com', resource: 'widgets', namespace, name };
  const object = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { namespace, name } };
  return ObjectRecord.of(object, { key, uid: `${namespace}/${name}`, position, provider: undefined, sequence: undefined });
};

const shown = (records: readonly ObjectRecord[]): readonly string[] => records.map((record) => `${record.uid}@${record.position}`);

/** Everything that is asked for as it would be if it were sorted each time. */
function sorted(model: ReadonlyMap<string, ObjectRecord>): readonly string[] {
  return shown([...model.values()].sort((a, b) => (key(a) < key(b) ? -1 : 1)));
}
const key = (record: ObjectRecord): string => `${record.namespace}\0${record.name}`;

const step = fc.record({
  does: fc.constantFrom('put', 'put', 'put', 'remove', 'list', 'absorb'),
  namespace: fc.constantFrom('a', 'a-b', 'b'),
  name: fc.integer({ min: 0, max: 40 }).map(String),
});

describe('the list of a resource', () => {
  it('is the same array until something in it changes', () => {
    const state = new AccountState();
    state.put(widget('a', 'x', 1n));
    const before = state.list('widgets.example.com');
    expect(state.list('widgets.example.com')).toBe(before);
    state.put(widget('a', 'y', 2n));
    expect(shown(state.list('widgets.example.com'))).toEqual(['a/x@1', 'a/y@2']);
    expect(shown(before)).toEqual(['a/x@1']);
  });

  it('is sorted by namespace and name whatever happened, in a state and in its forks', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const base = new AccountState();
        let fork = base.fork();
        const model = new Map<string, ObjectRecord>();
        for (const [index, { does, namespace, name }] of steps.entries()) {
          const record = widget(namespace, name, BigInt(index));
          if (does === 'put') {
            fork.put(record, model.get(record.uid));
            model.set(record.uid, record);
          } else if (does === 'remove' && model.delete(record.uid)) {
            fork.remove(record);
          } else if (does === 'list') {
            expect(shown(fork.list('widgets.example.com'))).toEqual(sorted(model));
          } else if (does === 'absorb') {
            base.absorb(fork);
            fork = base.fork();
            expect(shown(base.list('widgets.example.com'))).toEqual(sorted(model));
          }
        }
        expect(shown(fork.list('widgets.example.com'))).toEqual(sorted(model));
      }),
    );
  });
});
