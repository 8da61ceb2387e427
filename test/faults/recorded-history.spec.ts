import { expect, test } from 'vitest';
import { encodeEvent, type AccountEvent } from '#account';
import type { RecordedEvent } from '#stream';
import type { SentWrite } from './ledger.ts';
import { accountEvents, changesIn, faultsOfLives, faultsOfPlaces, faultsOfWrites, type Recorded } from './recorded-history.ts';

const author = { user: 'u', userAgent: 'a', fieldManager: 'm', at: '2026-01-01T00:00:00.000Z' };
type Step = {
  readonly type?: 'ResourceDeclared' | 'SpecRevised' | 'ResourceRemoved';
  readonly generation?: number;
  readonly was?: string;
  readonly region?: string;
  readonly cause?: string;
};

/** One object's life on one stream: declared, revised, removed, as healthy as `steps` leave it. */
function history(...steps: readonly Step[]): readonly RecordedEvent[] {
  return steps.map(({ type = 'SpecRevised', generation = 1, was, region = `r${generation}`, cause = `c${generation}` }, index) => {
    const object = {
      apiVersion: 'v1',
      kind: 'K',
      metadata: { name: 'n', uid: 'u1', generation, resourceVersion: String(index + 1) },
      spec: { region },
    };
    const key = { group: '', resource: 'ks', namespace: '', name: 'n' };
    const event: AccountEvent = { type, key, uid: 'u1', object, ...(was === undefined ? {} : { was }), by: { ...author, cause } };
    return { id: `id-${index}`, stream: 'account-a', revision: BigInt(index), position: BigInt(index + 1), type, data: encodeEvent(event) };
  });
}

const declared: Step = { type: 'ResourceDeclared' };
const revised: Step = { generation: 2, was: '1' };
const write = (outcome: SentWrite['outcome'], id: string): SentWrite => ({
  id,
  sender: 's',
  what: 'PUT',
  outcome,
  mayChangeNothing: false,
});
const lives = (...steps: readonly Step[]): readonly string[] => faultsOfLives(changesIn(accountEvents(history(...steps))));
const writes = (sent: SentWrite, ...steps: readonly Step[]): readonly string[] =>
  faultsOfWrites([sent], changesIn(accountEvents(history(...steps))));

test('a sound history has no faults', () => {
  expect(faultsOfPlaces(history(declared, revised))).toEqual([]);
  expect(lives(declared, revised, { type: 'ResourceRemoved', generation: 3, was: '2' })).toEqual([]);
  expect(writes(write('acknowledged', 'c2'), declared, revised)).toEqual([]);
});

test('gaps and doubles in the log are seen', () => {
  const [first, second] = history(declared, revised) as [RecordedEvent, RecordedEvent];
  expect(faultsOfPlaces([first, { ...second, revision: 2n }])).toEqual(['account-a has 2 where 1 was expected']);
  expect(faultsOfPlaces([first, { ...second, position: 3n }])).toEqual(['position 3 stands at place 2']);
  expect(faultsOfPlaces([first, { ...second, id: first.id }])).toEqual(['event id-0 is recorded twice']);
});

test('what was forgotten with its account is no gap, and anything else is', () => {
  const [first, second] = history(declared, revised) as [RecordedEvent, RecordedEvent];
  const end = { ...second, id: 'id-end', type: 'WorkspaceClosed', stream: 'account-gone', revision: 2n, position: 5n };
  expect(faultsOfPlaces([first, second, end])).toEqual([]);
  expect(faultsOfPlaces([first, second, { ...end, position: 4n }])).toEqual(['2 events were forgotten, but 1 places are empty']);
  expect(faultsOfPlaces([first, second, { ...end, position: 6n }])).toEqual(['position 6 stands at place 3']);
  expect(faultsOfPlaces([first, second, { ...end, type: 'StatusReported' }])).toEqual([
    'position 5 stands at place 3',
    'account-gone has 2 where 0 was expected',
  ]);
});

test('a write in a workspace that is gone may be forgotten with it, and no other', () => {
  const [first, second] = accountEvents(history(declared, { type: 'ResourceRemoved', was: '1' }));
  const removed = changesIn([first, second].map((each) => ({ ...each!, event: { ...each!.event, key: accountKey } as AccountEvent })));
  const within = (path: string): SentWrite => ({ ...write('acknowledged', 'c9'), what: `POST /clusters/${path}/api/v1/configmaps` });
  expect(faultsOfWrites([within('root:orgs:ada-1'), within('root:orgs:ada-1:team')], removed)).toEqual([]);
  expect(faultsOfWrites([within('root:orgs:ada-11')], removed)).toEqual([
    'POST /clusters/root:orgs:ada-11/api/v1/configmaps: acknowledged, but recorded 0 times',
  ]);
  expect(faultsOfWrites([within('root:orgs:ada-1')], [])).toHaveLength(1);
});

const accountKey = { group: 'core.platform-mesh.io', resource: 'accounts', namespace: '', name: 'ada-1' };

test('a change that is applied twice, on nothing, or out of order is seen', () => {
  expect(lives(declared, revised, { generation: 3, was: '2', region: 'r2' })).toEqual([]);
  expect(lives(declared, revised, { ...revised, was: '2' })).toEqual([
    expect.stringContaining('went from generation 2 to 2'),
    expect.stringContaining('changes nothing'),
  ]);
  expect(lives(declared, { ...revised, was: '9' })).toEqual([expect.stringContaining('follows 9, but 1 came before')]);
  expect(lives(revised)).toEqual([expect.stringContaining('was never declared')]);
  expect(lives(declared, declared)).toEqual([expect.stringContaining('is declared twice')]);
  expect(lives(declared, { type: 'ResourceRemoved', generation: 2, was: '1' }, { generation: 3, was: '2' })).toEqual([
    expect.stringContaining('was gone already'),
  ]);
});

test('a write that is lost, doubled, or recorded though refused is seen', () => {
  expect(writes(write('acknowledged', 'other'), declared)).toEqual(['PUT: acknowledged, but recorded 0 times']);
  expect(writes(write('unknown', 'c2'), declared, revised, { generation: 3, was: '2', cause: 'c2' })).toEqual([
    'PUT: unknown, but recorded 2 times',
  ]);
  expect(writes(write('refused', 'c2'), declared, revised)).toEqual(['PUT: refused, but recorded 1 times']);
});

test('a write that is answered otherwise than it is recorded, or as nothing excuses, is seen', () => {
  const object = (uid: string, resourceVersion: string) => ({
    kind: 'K',
    metadata: { name: 'n', uid, resourceVersion, generation: 2 },
    spec: {},
  });
  const answered = (uid: string, resourceVersion: string) =>
    writes({ ...write('acknowledged', 'c2'), object: object(uid, resourceVersion) }, declared, revised);
  expect(answered('u1', '2')).toEqual([]);
  expect(answered('u1', '3')).toEqual(['PUT: answered as u1@3, recorded as u1@2']);
  expect(answered('u2', '2')).toEqual(['PUT: answered as u2@2, recorded as u1@2']);
  expect(writes({ ...write('unknown', 'c2'), strange: '500: oh' }, declared, revised)).toEqual(['PUT: answered 500: oh']);
});

test('an object that carries another version than its place, and a report that comes after a newer one, are seen', () => {
  const [first, second] = accountEvents(history(declared, revised)) as [Recorded, Recorded];
  const moved = { ...second, place: { ...second.place, revision: 2n } };
  expect(faultsOfLives(changesIn([first, moved]))).toEqual([expect.stringContaining('has resourceVersion 2')]);

  const reports = (sequences: readonly (string | undefined)[], observed: readonly number[], note?: string): readonly string[] => {
    const told = sequences.map((sequence, index): Recorded => {
      const { event, place } = accountEvents(history(declared, declared, declared, declared))[index + 1]!;
      const status = { observedGeneration: observed[index], note: note ?? index };
      const object = { ...('object' in event ? event.object : undefined), status };
      const was = String(index + 1);
      const type = 'StatusReported';
      return { place, event: { ...event, type, was, object, ...(sequence === undefined ? {} : { sequence }) } as unknown as AccountEvent };
    });
    return faultsOfLives(changesIn([accountEvents(history(declared))[0]!, ...told]));
  };
  expect(reports(['7', '8'], [1, 1])).toEqual([]);
  expect(reports(['7', '7'], [1, 1])).toContainEqual(expect.stringContaining('takes report 7 after 7'));
  expect(reports(['8', '7'], [1, 1])).toEqual([expect.stringContaining('takes report 7 after 8')]);
  // Its provider has started anew, and says the same once more; it may not be recorded for nothing.
  expect(reports(['7', '8'], [1, 1], 'same')).toEqual([]);
  expect(reports(['8', undefined], [1, 1], 'same')).toContainEqual(expect.stringContaining('changes nothing'));
  // Its provider's clock was set back: the first answer to a generation is news all the same.
  expect(reports(['8', '7'], [1, 2])).toEqual([]);
  // Whatever stands between them.
  expect(reports(['8', undefined, '7'], [1, 1, 1])).toEqual([expect.stringContaining('takes report 7 after 8')]);
});
