import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fieldsMatch, parseFieldSelector, tableColumns, tableRow, type KubeObject, type ServedKind } from '#kube';
import type { House } from '../house.ts';
import { ada as author, openRoot } from '../testing/open-root.ts';
import type { WatchEvent, Workspace } from '../workspaces.ts';
import { coreEvents, events } from './event-kinds.ts';

const write = { version: 'v1', namespace: 'n', author, dryRun: false, fieldValidation: 'Strict' as const, duplicateFields: [] };

let now: string;
let house: House;
let workspace: Workspace;

beforeEach(async () => {
  now = '2026-01-01T00:00:00.000Z';
  ({ house, workspace } = await openRoot({ now: () => now }, ['n']));
});
afterEach(() => house.close());

const pod = { kind: 'Pod', namespace: 'n', name: 'p' };
const older = { involvedObject: pod, message: 'm', reason: 'Started', type: 'Normal', count: 1, lastTimestamp: '2026-01-01T00:00:00Z' };
const newer = {
  regarding: pod,
  note: 'm',
  reason: 'Started',
  type: 'Normal',
  action: 'Start',
  eventTime: '2026-01-01T00:00:00.000001Z',
  reportingController: 'c',
  reportingInstance: 'i',
};
const create = (kind: ServedKind, fields: object, name = 'e') => {
  const apiVersion = kind === events ? 'events.k8s.io/v1' : 'v1';
  return workspace.create({ ...write, kind, body: { apiVersion, kind: 'Event', metadata: { name }, ...fields } });
};
const get = async (kind: ServedKind) => (await workspace.get({ kind, version: 'v1', namespace: 'n', name: 'e' }))?.object;
const apply = (fields: object, fieldManager = 'spec') => {
  const config = { kind: 'Event', metadata: { name: 'e' }, ...fields } as unknown as KubeObject;
  const by = { ...author, fieldManager };
  return workspace.patch({ ...write, kind: events, name: 'e', author: by, patch: { type: 'apply', config, force: false } });
};
const patch = (kind: ServedKind, change: object) =>
  workspace.patch({ ...write, kind, name: 'e', patch: { type: 'strategic', patch: change, duplicateFields: [] } });

describe('an Event', () => {
  it('is one object under two names', async () => {
    expect(await create(coreEvents, older)).toMatchObject({ object: { object: { apiVersion: 'v1', ...older } } });
    expect(await get(events)).toMatchObject({
      apiVersion: 'events.k8s.io/v1',
      regarding: pod,
      note: 'm',
      deprecatedCount: 1,
      deprecatedLastTimestamp: '2026-01-01T00:00:00Z',
    });
    expect(await get(events)).not.toHaveProperty('involvedObject');
    expect((await get(events))?.metadata).toEqual((await get(coreEvents))?.metadata);
  });

  it('is repeated by a patch, through either', async () => {
    await create(events, newer);
    const series = { count: 2, lastObservedTime: '2026-01-01T00:00:01.000002Z' };
    expect(await patch(events, { series, note: 'again' })).toMatchObject({ object: { object: { series, note: 'again' } } });
    expect(await get(coreEvents)).toMatchObject({ series, message: 'again', reportingComponent: 'c', involvedObject: pod });
    expect(await patch(coreEvents, { count: 3, message: 'thrice' })).toMatchObject({ object: { object: { count: 3 } } });
    expect(await get(events)).toMatchObject({ deprecatedCount: 3, note: 'thrice' });
  });

  it('is not taken in the form of the other', async () => {
    const body: KubeObject = { apiVersion: 'v1', kind: 'Event', metadata: { name: 'e' }, ...older };
    expect(await workspace.create({ ...write, kind: events, body })).toMatchObject({
      refusal: { message: 'the API version in the data (v1) does not match the expected API version (events.k8s.io/v1)' },
    });
    const kind = coreEvents;
    expect(await workspace.create({ ...write, kind, body: { ...body, ...newer, apiVersion: 'events.k8s.io/v1' } })).toMatchObject({
      refusal: { message: 'the API version in the data (events.k8s.io/v1) does not match the expected API version (v1)' },
    });
  });

  it('is applied through either', async () => {
    expect(await apply({ apiVersion: 'events.k8s.io/v1', ...newer })).toMatchObject({
      created: true,
      object: { object: { apiVersion: 'events.k8s.io/v1', note: 'm', metadata: { managedFields: [{ operation: 'Apply' }] } } },
    });
    expect(await get(coreEvents)).toMatchObject({ message: 'm', reportingComponent: 'c', involvedObject: pod });
    expect(await apply({ apiVersion: 'events.k8s.io/v1', ...newer, note: 'other' }, 'another')).toMatchObject({
      refusal: { message: 'Apply failed with 1 conflict: conflict with "spec": .note', causes: [{ field: '.note' }] },
    });
    expect(await apply({ apiVersion: 'v1', ...newer })).toMatchObject({ refusal: { message: 'invalid object type: /v1, Kind=Event' } });
  });

  it('is listed and watched as each has it', async () => {
    const seen: WatchEvent[] = [];
    const sink = { events: (batch: readonly WatchEvent[]) => seen.push(...batch), ended: () => undefined };
    const outcome = await workspace.watch({ kind: events, version: 'v1', namespace: '', after: await workspace.positionOf(events) }, sink);
    await new Promise((resolve) => setImmediate(resolve));
    await create(coreEvents, older);
    expect(seen.map(({ object }) => object.object['note'])).toEqual(['m']);
    expect(JSON.parse(seen[0]?.object.text ?? '')).toMatchObject({ apiVersion: 'events.k8s.io/v1' });
    const listed = await workspace.list({
      kind: events,
      version: 'v1',
      namespace: 'n',
      selector: ({ object }) => object['note'] === 'm',
    });
    expect(listed.type === 'listed' && listed.items.map(({ object }) => object['regarding'])).toEqual([pod]);
    if (outcome.type === 'watching') outcome.stop();
  });

  it('is refused under the name by which it was asked for', async () => {
    expect(await patch(events, {})).toMatchObject({ refusal: { type: 'ResourceUnknown', key: { group: 'events.k8s.io' } } });
    expect(await create(events, { ...newer, regarding: { ...pod, namespace: 'other' } })).toMatchObject({
      refusal: {
        type: 'ObjectInvalid',
        group: 'events.k8s.io',
        causes: [{ message: 'Invalid value: "other": does not match event.namespace' }],
      },
    });
    expect(await create(events, { ...newer, action: '', type: 'Odd' })).toMatchObject({
      refusal: { causes: [{ field: 'action' }, { field: 'type' }] },
    });
    expect(await create(events, { ...newer, nonsense: 1 })).toMatchObject({ refusal: { type: 'RequestMalformed' } });
  });

  it('is gone an hour after it was last seen', async () => {
    await create(coreEvents, older);
    await create(coreEvents, { ...older, lastTimestamp: '2026-01-01T00:30:00Z' }, 'repeated');
    now = '2026-01-01T01:00:01.000Z';
    await house.ephemera.round();
    const listed = await workspace.list({ kind: coreEvents, version: 'v1', namespace: 'n' });
    expect(listed.type === 'listed' && listed.items.map(({ name }) => name)).toEqual(['repeated']);
  });
});

describe('what is asked of Events', () => {
  it('is selected by the object that they are about', async () => {
    await create(coreEvents, { ...older, source: { component: 'kubelet' } });
    const subject = { namespace: 'n', name: 'e', object: (await get(coreEvents)) as KubeObject };
    const [version] = coreEvents.versions;
    const matches = (text: string): boolean => {
      const parsed = version && parseFieldSelector(text, coreEvents, version);
      return parsed?.type === 'parsed' && fieldsMatch(parsed.terms, subject);
    };
    expect(matches('involvedObject.name=p,involvedObject.kind=Pod,involvedObject.namespace=n')).toBe(true);
    expect(matches('source=kubelet,type!=Warning,reason=Started')).toBe(true);
    expect(matches('source=other')).toBe(false);
    expect(matches('involvedObject.labels=x')).toBe(false);
  });

  it.each([coreEvents, events])('is printed by what happened when, to what', async (kind) => {
    await create(coreEvents, older);
    const [version] = kind.versions;
    const object = await get(kind);
    if (!version || !object) throw new Error('there is an Event');
    const columns = tableColumns(version);
    const shown = columns.definitions.filter(({ priority }) => priority === 0).map(({ name }) => name);
    expect(shown).toEqual(['Last Seen', 'Type', 'Reason', 'Object', 'Message']);
    const { cells } = tableRow(columns, object, 'None', { now: Date.parse('2026-01-01T00:05:00Z'), version: 'v1' });
    expect(cells.slice(0, 4)).toEqual(['5m', 'Normal', 'Started', 'pod/p']);
    expect(cells.at(-1)).toBe('e');
  });
});
