import { equalJson, groupResource, quantityParts, type JsonObject, type KubeObject, type ResourceKey } from '#kube';
import type { AccountState } from './account-state.ts';
import { changed } from './decide/object-event.ts';
import type { AccountEvent, EventAuthor } from './events.ts';
import { ObjectRecord } from './object-record.ts';
import type { Refusal } from './refusal.ts';

// https://kubernetes.io/docs/concepts/policy/resource-quotas/, as far as it is about the number of objects.

const quotas = 'resourcequotas';

/** Why one more object would be too many. Source: upstream apiserver/pkg/admission/plugin/resourcequota, CheckRequest. */
export function quotaRefusal(key: ResourceKey, account: AccountState): Refusal | undefined {
  if (key.namespace === '' || !account.mayHold(quotas)) return undefined;
  for (const record of quotasOf(key.namespace, account)) {
    const exceeded = limitsOf(record.object).filter(
      ({ counted, limit }) => counted === groupResource(key) && !isBelow(account.count(counted, key.namespace), limit),
    );
    if (exceeded.length > 0) {
      const told = (of: (limit: Limit) => string): string => exceeded.map((limit) => `${limit.name}=${of(limit)}`).join(',');
      const used = told(() => String(account.count(groupResource(key), key.namespace)));
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
export function quotaNews(events: readonly AccountEvent[], account: AccountState): readonly AccountEvent[] {
  if (!account.mayHold(quotas) && !events.some(isAboutQuota)) return none;
  const changes = new Changes();
  for (const event of events) if ('object' in event && event.key.namespace !== '') changes.note(event);
  const news: AccountEvent[] = [];
  for (const namespace of changes.namespaces())
    for (const record of changes.quotasIn(namespace, account)) {
      const { object } = record;
      const status = usageOf(object, (resource) => account.count(resource, namespace) + changes.of(resource, namespace));
      if (equalJson(object.status, status)) continue;
      const ahead = events.length + news.length;
      news.push(changed('StatusReported', record, { ...object, status }, { account, by: byMesh(changes.author), ahead }));
    }
  return news;
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

type ObjectEvent = Extract<AccountEvent, { readonly object: unknown }>;

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

function countedBy(name: string): string | undefined {
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

/** Of what is limited but never exists here, such as memory, nothing is used. */
function usageOf(quota: KubeObject, count: (resource: string) => number): JsonObject {
  const { hard = {} } = (quota.spec ?? {}) as QuotaSpec;
  const counted = new Map(limitsOf(quota).map((limit) => [limit.name, limit.counted]));
  const names = Object.keys(hard).sort();
  const used = names.map((name) => {
    const resource = counted.get(name);
    return [name, String(resource === undefined ? 0 : count(resource))];
  });
  return {
    hard: Object.fromEntries(names.map((name) => [name, String(hard[name])])),
    used: Object.fromEntries(used) as JsonObject,
  };
}
