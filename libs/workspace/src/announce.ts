import { createHash } from 'node:crypto';
import type { KubeObject, ResourceKey } from '#kube';
import { coreEvents } from './kinds/event-kinds.ts';
import type { Author, Workspaces } from './workspaces.ts';

/** Something that the consumer of an object should know and would not see in the object itself. */
export type Announcement = {
  readonly about: { readonly key: ResourceKey; readonly uid: string; readonly object: KubeObject };
  readonly type: 'Normal' | 'Warning';
  /** One word in CamelCase. */
  readonly reason: string;
  readonly message: string;
  /** Which part of the mesh says so. */
  readonly component: string;
  readonly cause: string;
};

type Announcer = Workspaces & { readonly now: () => string };

/** The same news is told again at most so often; it stays one Event. */
const quietMs = 10_000;
const messageMax = 1024;

/** Tells it by a Kubernetes Event on the object. What the workspace refuses stays untold: there is nobody else to tell. @throws LogUnavailable */
export async function announce(house: Announcer, cluster: string, announcement: Announcement): Promise<void> {
  const workspace = await house.open(cluster);
  if (!workspace) return;
  const { about, cause } = announcement;
  const namespace = about.key.namespace === '' ? 'default' : about.key.namespace;
  const name = nameOf(announcement);
  const author: Author = { user: 'system:tributary', groups: [], userAgent: 'tributary', fieldManager: 'tributary', cause };
  const request = { kind: coreEvents, version: 'v1', namespace, name };
  const write = { ...request, author, dryRun: false, fieldValidation: 'Ignore' as const, duplicateFields: [] };
  const at = `${house.now().slice(0, 19)}Z`;
  const known = await workspace.get(request);
  if (!known) {
    await workspace.create({ ...write, body: eventOf(announcement, { name, namespace, at }) });
    return;
  }
  // Whoever may write Events may have made anything of the count.
  const { count = 1, lastTimestamp } = known.object as { readonly count?: number | bigint; readonly lastTimestamp?: string };
  if (Date.parse(at) - Date.parse(lastTimestamp ?? '') < quietMs) return;
  await workspace.patch({
    ...write,
    patch: { type: 'merge', patch: { count: Number(count) + 1, lastTimestamp: at }, duplicateFields: [] },
  });
}

/** Always the same for the same news about an object. */
function nameOf({ about, reason, message }: Announcement): string {
  const hash = createHash('sha256').update(`${about.uid} ${reason} ${message}`).digest('hex').slice(0, 16);
  return `${about.key.name.slice(0, 230).replace(/[^a-z0-9]+$/, '')}.${hash}`;
}

function eventOf(
  { about, type, reason, message, component }: Announcement,
  { name, namespace, at }: { readonly name: string; readonly namespace: string; readonly at: string },
): KubeObject {
  const { apiVersion, kind, metadata } = about.object;
  const involvedObject = {
    apiVersion,
    kind,
    name: about.key.name,
    ...(about.key.namespace === '' ? {} : { namespace }),
    uid: about.uid,
    resourceVersion: metadata.resourceVersion,
  };
  const told = message.length > messageMax ? `${message.slice(0, messageMax - 3)}...` : message;
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name, namespace },
    involvedObject,
    type,
    reason,
    message: told,
    source: { component },
    reportingComponent: component,
    count: 1,
    firstTimestamp: at,
    lastTimestamp: at,
  };
}
