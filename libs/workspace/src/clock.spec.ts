import { expect, it, onTestFinished } from 'vitest';
import type { KubeObject } from '#kube';
import { MemoryEventLog, MemorySnapshotStore } from '#stream';
import { configMaps, leases } from './kinds/core-kinds.ts';
import { coreEvents } from './kinds/event-kinds.ts';
import { ada as author, openRoot } from './testing/open-root.ts';
import type { WatchEvent } from './workspaces.ts';

const write = { version: 'v1', author, dryRun: false, fieldValidation: 'Strict' as const, duplicateFields: [], namespace: 'n' };
const hourMs = 3_600_000;

/** A workspace whose server's clock the spec sets. */
async function given() {
  const clock = { at: Date.parse('2026-01-02T12:00:00Z') };
  const options = { log: new MemoryEventLog(), snapshots: new MemorySnapshotStore(), now: () => new Date(clock.at).toISOString() };
  const opened = await openRoot(options, ['n']);
  onTestFinished(() => opened.house.close());
  return { ...opened, clock };
}

const map = (name: string, data: object): KubeObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data }) as KubeObject;

it('orders what happens by itself, whatever the clock says', async () => {
  const { workspace, clock } = await given();
  const told: WatchEvent[] = [];
  const sink = { events: (batch: readonly WatchEvent[]) => void told.push(...batch), ended: () => undefined };
  const watching = await workspace.watch({ kind: configMaps, version: 'v1', namespace: 'n', after: workspace.position() }, sink);
  onTestFinished(() => void (watching.type === 'watching' && watching.stop()));
  const jumps = [0, -24 * hourMs, 48 * hourMs, -hourMs, 0];
  for (const [index, jump] of jumps.entries()) {
    clock.at += jump;
    const name = `map-${index}`;
    expect(await workspace.create({ ...write, kind: configMaps, body: map(name, {}) })).toMatchObject({ type: 'committed' });
    expect(await workspace.update({ ...write, kind: configMaps, name, body: map(name, { jump: `${index}` }) })).toMatchObject({
      type: 'committed',
    });
  }
  await expect.poll(() => told.length, { timeout: 20_000 }).toBe(2 * jumps.length);
  const positions = told.map(({ position }) => position);
  expect(positions).toEqual(positions.toSorted((a, b) => (a < b ? -1 : 1)));
  const listed = await workspace.list({ kind: configMaps, version: 'v1', namespace: 'n' });
  expect(listed.type === 'listed' && listed.items.map(({ name }) => name)).toEqual(jumps.map((_, index) => `map-${index}`));
});

it('lets a Lease be renewed and taken over: whether it is held is between its holders', async () => {
  const { workspace, clock } = await given();
  const lease = (holder: string, at: number, metadata = {}): KubeObject =>
    ({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'leader', ...metadata },
      spec: { holderIdentity: holder, leaseDurationSeconds: 15, renewTime: new Date(at).toISOString().replace('Z', '000Z') },
    }) as KubeObject;
  const made = await workspace.create({ ...write, kind: leases, body: lease('a', clock.at) });
  if (made.type !== 'committed') throw new Error('refused');
  clock.at -= 2 * hourMs;
  const renewed = await workspace.update({
    ...write,
    kind: leases,
    name: 'leader',
    body: lease('a', clock.at, { resourceVersion: String(made.object.position) }),
  });
  if (renewed.type !== 'committed') throw new Error('refused');
  expect(renewed.object.position > made.object.position).toBe(true);
  const late = { ...write, kind: leases, name: 'leader', body: lease('b', clock.at, { resourceVersion: String(made.object.position) }) };
  expect(await workspace.update(late)).toMatchObject({ type: 'refused', refusal: { type: 'ResourceMoved' } });
});

it('keeps Events longer where the clock was set back, and never lets one go early', async () => {
  const { workspace, house, clock } = await given();
  const event = (name: string): KubeObject =>
    ({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name },
      involvedObject: { kind: 'Node', name: 'x', namespace: 'n' },
      reason: 'R',
    }) as never;
  const names = async () => {
    const listed = await workspace.list({ kind: coreEvents, version: 'v1', namespace: 'n' });
    return listed.type === 'listed' ? listed.items.map(({ name }) => name) : [];
  };
  const create = async (name: string) =>
    expect(await workspace.create({ ...write, kind: coreEvents, body: event(name) })).toMatchObject({ type: 'committed' });
  await create('first');
  clock.at -= 3 * hourMs;
  await create('second');
  await house.ephemera.round();
  expect(await names()).toEqual(['first', 'second']);
  clock.at += 2 * hourMs;
  await house.ephemera.round();
  expect(await names()).toEqual(['first']);
});
