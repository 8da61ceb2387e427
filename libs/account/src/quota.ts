import { equalJson, groupResource, quantityParts, type JsonObject, type KubeObject, type ResourceKey, type ServedKind } from '#kube';
import { accept, type Decision } from '#stream';
import type { AccountState } from './account-state.ts';
import { changed } from './decide/object-event.ts';
import { storageVersionOf, withMeshStatus } from './decide/track-fields.ts';
import type { AccountEvent, EventAuthor, ObjectEvent } from './events.ts';
import { ObjectRecord } from './object-record.ts';
import type { Refusal } from './refusal.ts';

// https://kubernetes.io/docs/concepts/policy/resource-quotas/, as far as it is about the number of objects.

const quotas = 'resourcequotas';

/**
 * Why one more object would be too many. `home`: where the quotas stand, if not beside the objects.
 * Source: upstream apiserver/pkg/admission/plugin/resourcequota, CheckRequest.
 */
export function quotaRefusal(key: ResourceKey, account: AccountState, home = account): Refusal | undefined {
  if (key.namespace === '' || !home.mayHold(quotas)) return undefined;
  for (const record of quotasOf(key.namespace, home)) {
    const exceeded = limitsOf(record.object).filter(
      ({ counted, limit }) => counted === groupResource(key) && !isBelow(countOf(counted, key.namespace, account), limit),
    );
    if (exceeded.length > 0) {
      const told = (of: (limit: Limit) => string): string => exceeded.map((limit) => `${limit.name}=${of(limit)}`).join(',');
      const used = told(() => String(countOf(groupResource(key), key.namespace, account)));
      const message = `exceeded quota: ${record.name}, requested: ${told(() => '1')}, used: ${used}, limited: ${told(({ limit }) => limit)}`;
      return { type: 'ActionForbidden', key, message };
    }
  }
  return undefined;
}

/**
 * What a decision changes about the usage of quotas, to be appended with it: so the status of a quota is never behind. Costs one look where
 * there are no quotas.
 */
export function quotaNews(events: readonly AccountEvent[], account: AccountState, kind: ServedKind): readonly AccountEvent[] {
  if (!account.mayHold(quotas) && !events.some(isAboutQuota)) return none;
  const changes = new Changes();
  for (const event of events) if ('object' in event && event.key.namespace !== '') changes.note(event);
  const news: AccountEvent[] = [];
  for (const namespace of changes.namespaces())
    for (const record of changes.quotasIn(namespace, account)) {
      const status = usageOf(record.object, (resource) =>
        isBeside(resource) ? usedBefore(record.object, resource) : countOf(resource, namespace, account) + changes.of(resource, namespace),
      );
      if (equalJson(record.object.status, status)) continue;
      const ahead = events.length + news.length;
      news.push(withUsage(record, status, { kind, account, by: byMesh(changes.author), ahead }));
    }
  return news;
}

/** Brings up to date what the quotas of a namespace say of objects that stand beside the account's own, in `side`. */
export function recountBeside({ side, namespace, kind, by }: RecountBeside, account: AccountState): Decision<AccountEvent, never> {
  const news: AccountEvent[] = [];
  for (const record of countingBeside(namespace, account)) {
    const status = usageOf(record.object, (resource) =>
      isBeside(resource) ? side.count(resource, record.namespace) : countOf(resource, record.namespace, account),
    );
    if (!equalJson(record.object.status, status))
      news.push(withUsage(record, status, { kind, account, by: byMesh(by), ahead: news.length }));
  }
  return accept(...news);
}

export type RecountBeside = {
  readonly side: AccountState;
  /** '' for all. */
  readonly namespace: string;
  /** That of ResourceQuotas. */
  readonly kind: ServedKind;
  readonly by: Pick<EventAuthor, 'at' | 'cause'>;
};

/** The quotas of a namespace ('': of all) that count what stands beside the account's own objects. */
export function countingBeside(namespace: string, account: AccountState): readonly ObjectRecord[] {
  if (!account.mayHold(quotas)) return [];
  const own = namespace === '' ? account.list(quotas) : quotasOf(namespace, account);
  return own.filter(({ object, deleting }) => !deleting && limitsOf(object).some(({ counted }) => isBeside(counted)));
}

const isBeside = (resource: string): boolean => resource === 'leases.coordination.k8s.io';

/**
 * What stands in a namespace, with what the mesh itself puts there: `kube-root-ca.crt`, which upstream's root-ca-cert-publisher creates as any
 * other ConfigMap, so that quotas count it.
 */
function countOf(resource: string, namespace: string, account: AccountState): number {
  const stored = account.count(resource, namespace);
  return resource === rootCertificates.resource && !account.find({ ...rootCertificates, namespace }) ? stored + 1 : stored;
}

const rootCertificates = { group: '', resource: 'configmaps', name: 'kube-root-ca.crt' };

function usedBefore({ status }: KubeObject, resource: string): number {
  const { used = {} } = (status ?? {}) as { readonly used?: Readonly<Record<string, string>> };
  return Number(used[`${countPrefix}${resource}`] ?? 0);
}

type Noting = { readonly kind: ServedKind; readonly account: AccountState; readonly by: EventAuthor; readonly ahead: number };

function withUsage(record: ObjectRecord, status: JsonObject, { kind, account, by, ahead }: Noting): AccountEvent {
  const object = withMeshStatus(record.object, status, { kind, version: storageVersionOf(kind), by });
  return changed('StatusReported', record, object, { account, by, ahead });
}

const none: readonly AccountEvent[] = [];

const isAboutQuota = (event: AccountEvent): boolean => 'key' in event && event.key.group === '' && event.key.resource === quotas;

const byMesh = ({ at, cause }: Pick<EventAuthor, 'at' | 'cause'>): EventAuthor => ({
  user: 'system:tributary',
  userAgent: 'tributary',
  fieldManager: 'tributary',
  at,
  cause,
});

/** What one decision makes more and fewer, and which quotas it changes. */
class Changes {
  author: Pick<EventAuthor, 'at' | 'cause'> = { at: '', cause: '' };
  readonly #counts = new Map<string, Map<string, number>>();
  readonly #quotas = new Map<string, ObjectEvent>();

  note(event: ObjectEvent): void {
    const { namespace } = event.key;
    const change = event.type === 'ResourceDeclared' ? 1 : event.type === 'ResourceRemoved' ? -1 : 0;
    if (isAboutQuota(event)) this.#quotas.set(event.uid, event);
    else if (change === 0) return;
    this.author = event.by;
    const counts = this.#counts.get(namespace) ?? new Map<string, number>();
    const resource = groupResource(event.key);
    this.#counts.set(namespace, counts.set(resource, (counts.get(resource) ?? 0) + change));
  }

  namespaces(): Iterable<string> {
    return this.#counts.keys();
  }

  of(resource: string, namespace: string): number {
    return this.#counts.get(namespace)?.get(resource) ?? 0;
  }

  /** The quotas of a namespace as they are after the decision. */
  quotasIn(namespace: string, account: AccountState): readonly ObjectRecord[] {
    const own = [...this.#quotas.values()].filter(({ key, type }) => key.namespace === namespace && type !== 'ResourceRemoved');
    return [...quotasOf(namespace, account).filter(({ uid }) => !this.#quotas.has(uid)), ...own.map(recordOf)];
  }
}

const recordOf = ({ object, key, uid }: ObjectEvent): ObjectRecord =>
  ObjectRecord.of(object, { key, uid, position: BigInt(object.metadata.resourceVersion ?? 0), provider: undefined, sequence: undefined });

const quotasOf = (namespace: string, account: AccountState): readonly ObjectRecord[] =>
  account.list(quotas).filter((record) => record.namespace === namespace);

type QuotaSpec = {
  readonly hard?: Readonly<Record<string, string | number>>;
  readonly scopes?: readonly string[];
  readonly scopeSelector?: { readonly matchExpressions?: readonly unknown[] };
};

/** `counted`: which resource the name counts, such as `httpbins.example.com`. */
type Limit = { readonly name: string; readonly counted: string; readonly limit: string };

/** The limits that a quota sets to numbers of objects, by name. One with scopes is about programs that run, and there are none. */
function limitsOf({ spec }: KubeObject): readonly Limit[] {
  const { hard = {}, scopes = [], scopeSelector } = (spec ?? {}) as QuotaSpec;
  if (scopes.length > 0 || (scopeSelector?.matchExpressions?.length ?? 0) > 0) return [];
  const limits: Limit[] = [];
  for (const name of Object.keys(hard).sort()) {
    const counted = countedBy(name);
    if (counted !== undefined) limits.push({ name, counted, limit: String(hard[name]) });
  }
  return limits;
}

const countPrefix = 'count/';
const counts: ReadonlySet<string> = new Set([
  'configmaps',
  'secrets',
  quotas,
  'services',
  'pods',
  'replicationcontrollers',
  'persistentvolumeclaims',
]);

/** Source: upstream pkg/quota/v1/install, ignoredResources. */
const ignored: ReadonlySet<string> = new Set(['count/events', 'count/events.events.k8s.io']);

function countedBy(name: string): string | undefined {
  if (ignored.has(name)) return undefined;
  if (name.startsWith(countPrefix)) return name.slice(countPrefix.length);
  return counts.has(name) ? name : undefined;
}

/** Whether one more than `count` is still within the limit. */
function isBelow(count: number, limit: string): boolean {
  const parts = quantityParts(limit);
  return (
    parts !== undefined &&
    BigInt(count + 1) * 10n ** BigInt(Math.max(parts.decimals, 0)) <= parts.digits * 10n ** BigInt(Math.max(-parts.decimals, 0))
  );
}

/** Of what is limited but never exists here, such as memory, nothing is used; of Events, nothing is said. */
function usageOf(quota: KubeObject, count: (resource: string) => number): JsonObject {
  const { hard = {} } = (quota.spec ?? {}) as QuotaSpec;
  const counted = new Map(limitsOf(quota).map((limit) => [limit.name, limit.counted]));
  const names = Object.keys(hard).sort();
  const told = names.filter((name) => !ignored.has(name));
  const used = told.map((name) => {
    const resource = counted.get(name);
    return [name, String(resource === undefined ? 0 : count(resource))];
  });
  return {
    hard: Object.fromEntries(names.map((name) => [name, String(hard[name])])),
    used: Object.fromEntries(used) as JsonObject,
  };
}
