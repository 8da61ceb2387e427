import { quantityParts, type JsonObject, type KubeObject, type PrinterColumn, type ServedKind, type StatusCause } from '#kube';
import { declareKind, list, object, root, string } from '#provider';
import type { KindRules } from '#account';

const quantities = (description: string): JsonObject => ({
  type: 'object',
  description,
  additionalProperties: { 'x-kubernetes-int-or-string': true },
});

type Quantities = Readonly<Record<string, string | number>>;

/** `used/hard` of each limit; those of running programs have a column of their own. */
function usage(isOf: (name: string) => boolean): (quota: KubeObject) => string {
  return ({ status }) => {
    const { hard = {}, used = {} } = (status ?? {}) as { readonly hard?: Quantities; readonly used?: Quantities };
    const names = Object.keys(hard).filter(isOf).sort();
    return names.map((name) => `${name}: ${used[name] ?? 0}/${hard[name]}`).join(', ');
  };
}

const isOfPrograms = (name: string): boolean => name.startsWith('limits.');

const columns: readonly PrinterColumn[] = [
  { name: 'Request', type: 'string', jsonPath: '.status.hard', read: usage((name) => !isOfPrograms(name)) },
  { name: 'Limit', type: 'string', jsonPath: '.status.hard', read: usage(isOfPrograms) },
  { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
];

const scope = object(
  {
    scopeName: string('Name of a scope'),
    operator: string('In, NotIn, Exists or DoesNotExist'),
    values: list(string('Value'), { 'x-kubernetes-list-type': 'atomic' }),
  },
  ['scopeName', 'operator'],
);

/** https://kubernetes.io/docs/concepts/policy/resource-quotas/ */
export const resourceQuotas: ServedKind = declareKind({
  group: '',
  resource: 'resourcequotas',
  kind: 'ResourceQuota',
  shortNames: ['quota'],
  namespaced: true,
  compiledIn: true,
  hasGeneration: false,
  unconditionalUpdate: true,
  shownWhenDeleted: true,
  versions: [
    {
      name: 'v1',
      columns,
      schema: root(
        'How many objects a namespace may hold',
        object({
          hard: quantities('The most there may be, by name: count/httpbins.example.com, configmaps, secrets'),
          scopes: list(string('Narrows the quota to some of the programs that run'), { 'x-kubernetes-list-type': 'atomic' }),
          scopeSelector: object({ matchExpressions: list(scope, { 'x-kubernetes-list-type': 'atomic' }) }, [], {
            'x-kubernetes-map-type': 'atomic',
          }),
        }),
        object({ hard: quantities('The limits that hold'), used: quantities('How much of them is used') }),
      ),
    },
  ],
});

/** Names without a group. */
const standardNames: ReadonlySet<string> = new Set([
  ...['cpu', 'memory', 'ephemeral-storage', 'requests.cpu', 'requests.memory', 'requests.storage', 'requests.ephemeral-storage'],
  ...['limits.cpu', 'limits.memory', 'limits.ephemeral-storage'],
]);
const wholeNames: ReadonlySet<string> = new Set([
  ...['pods', 'resourcequotas', 'services', 'replicationcontrollers', 'secrets', 'configmaps', 'persistentvolumeclaims'],
  ...['services.nodeports', 'services.loadbalancers'],
]);

/** Source: upstream pkg/apis/core/validation, ValidateResourceQuota. */
export const quotaRules: KindRules = {
  check: (quota, old) => [
    ...Object.entries(specOf(quota).hard ?? {}).flatMap(([name, limit]) => limitCauses(name, limit)),
    ...(old ? scopeCauses(quota, old) : []),
  ],
};

const specOf = ({ spec }: KubeObject) => (spec ?? {}) as { readonly hard?: Quantities; readonly scopes?: readonly string[] };

const qualified = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;

function limitCauses(name: string, limit: string | number): readonly StatusCause[] {
  const field = `spec.hard[${name}]`;
  const isKnown = qualified.test(name) || standardNames.has(name) || wholeNames.has(name) || name.startsWith('requests.hugepages-');
  const causes = isKnown ? [] : [invalid(field, name, 'must be a standard resource for quota')];
  const parts = quantityParts(String(limit));
  if (!parts) return [...causes, invalid(field, limit, 'must be a quantity')];
  if (parts.digits < 0n) causes.push(invalid(field, String(limit), 'must be greater than or equal to 0'));
  const isWhole = parts.decimals <= 0 || parts.digits % 10n ** BigInt(parts.decimals) === 0n;
  if (wholeNames.has(name) && !isWhole) causes.push(invalid(field, String(limit), 'must be an integer'));
  return causes;
}

function scopeCauses(quota: KubeObject, old: KubeObject): readonly StatusCause[] {
  const [now, before] = [quota, old].map((one) => [...(specOf(one).scopes ?? [])].sort());
  return now?.join() === before?.join() ? [] : [invalid('spec.scopes', now, 'field is immutable')];
}

const invalid = (field: string, value: unknown, detail: string): StatusCause => ({
  reason: 'FieldValueInvalid',
  field,
  message: `Invalid value: ${JSON.stringify(value)}: ${detail}`,
});
