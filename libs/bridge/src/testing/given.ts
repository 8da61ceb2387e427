import { decodeEvent, encodeEvent, type AccountEvent, type EventAuthor, type Seals } from '#account';
import type { KubeObject } from '#kube';
import { MemoryEventLog, type EventLog, type NewEvent } from '#stream';

const by: EventAuthor = { user: 'alice', userAgent: 'kubectl', fieldManager: 'kubectl', at: '2026-01-01T00:00:00.000Z', cause: 'audit-1' };
const provider = { cluster: 'prov', export: 'things.example.io', identityHash: 'h' };

export type ThingParts = {
  readonly uid?: string;
  readonly position?: number;
  readonly generation?: number;
  readonly deleted?: boolean;
  readonly own?: boolean;
  readonly size?: string;
};

type ThingEvent = 'ResourceDeclared' | 'SpecRevised' | 'MetadataRevised' | 'StatusReported' | 'DeletionRequested' | 'ResourceRemoved';

/** An event of one Thing of the export `things.example.io`; `own` makes it one of the mesh's own kinds. */
export function thingEvent(
  type: ThingEvent,
  { uid = 'u1', position = 1, generation = 1, deleted = false, own = false, size = 's' }: ThingParts = {},
): AccountEvent {
  const object: KubeObject = {
    apiVersion: 'things.example.io/v1',
    kind: 'Thing',
    metadata: {
      name: uid,
      namespace: 'default',
      uid,
      generation,
      resourceVersion: String(position),
      labels: { a: 'b' },
      finalizers: ['tributary.io/provider-release'],
      ...(deleted ? { deletionTimestamp: '2026-01-02T00:00:00Z' } : {}),
    },
    spec: { size },
    status: { url: 'x' },
  };
  const key = { group: 'things.example.io', resource: 'things', namespace: 'default', name: uid };
  return { type, key, uid, object, ...(own ? {} : { provider }), by };
}

/** The binding that makes an account serve Things. */
export function thingsBound(): AccountEvent {
  const object: KubeObject = {
    apiVersion: 'apis.kcp.io/v1alpha2',
    kind: 'APIBinding',
    metadata: { name: 'things', uid: 'b1', resourceVersion: '1' },
  };
  const resources = [
    { group: 'things.example.io', resource: 'things', schemaHash: 'ab', schemaName: 'v1.things', schemaUid: 's', storageVersions: ['v1'] },
  ];
  return {
    type: 'ApiBound',
    key: { group: 'apis.kcp.io', resource: 'apibindings', namespace: '', name: 'things' },
    uid: 'b1',
    object,
    api: { binding: 'things', provider, resources },
    by,
  };
}

/** The event as a log takes it. */
export const newEvent = (event: AccountEvent): NewEvent => ({ id: crypto.randomUUID(), type: event.type, data: encodeEvent(event) });

/** As simple as a seal can be: base64. */
const seals: Seals = {
  seal: (uid, text) => Buffer.from(`${uid}|${text}`).toString('base64'),
  open: (uid, sealed) => Buffer.from(sealed, 'base64').toString().slice(`${uid}|`.length),
};

/** Of a Thing whose schema marks its size as secret, as it stands in the log. */
export function markedThing(type: ThingEvent, parts: ThingParts = {}): NewEvent {
  const event = { ...thingEvent(type, parts), secretFields: [['spec', 'size']] } as AccountEvent;
  return { id: crypto.randomUUID(), type, data: encodeEvent(event, seals) };
}

/** Opens what `markedThing` sealed. */
export const openedThing = async (_cluster: string, { data }: { readonly data: string }): Promise<AccountEvent> => decodeEvent(data, seals);

/** A log with nothing in it. */
export const emptyLog = (): EventLog => new MemoryEventLog();
