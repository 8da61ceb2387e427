import type { Json, JsonObject } from '../json.ts';
import { isJsonObject } from '../schema/json-shape.ts';
import type { ServedKind } from '../served-kind.ts';
import { modelName, type Dialect } from './kind-schema.ts';
import { metaV1 } from './meta-definitions.ts';

/**
 * The models of a kind: its schema, and beside it those of its parts that upstream has names for, to which it refers. `kubectl explain` prints the
 * names as types. Only kinds that clients have compiled in have such parts; what is not in the table stays where it is.
 */
export function modelsOf(kind: ServedKind, version: string, schema: JsonObject, dialect: Dialect): JsonObject {
  const own = modelName(kind.group, version, kind.kind);
  const names = kind.compiledIn ? partsOf[groupKind(kind)] : undefined;
  if (!names) return { [own]: schema };
  const parts: { [name: string]: JsonObject } = {};
  const walk = (part: JsonObject, at: string): JsonObject => {
    const name = names[at];
    if (name === selectorName) {
      Object.assign(parts, selectorModels(dialect));
      return dialect.describedRef(selectorModel, descriptionOf(part));
    }
    const walked = eachBelow(part, at, walk);
    // A part that says nothing of its own shape is not worth a name.
    if (name === undefined || walked['properties'] === undefined) return walked;
    const { description: _, nullable: __, ...shape } = walked;
    const model = partName(kind, version, name);
    parts[model] = shape;
    return dialect.describedRef(model, descriptionOf(part));
  };
  return { [own]: eachBelow(schema, '', walk), ...parts };
}

const descriptionOf = ({ description }: JsonObject): string | undefined => (typeof description === 'string' ? description : undefined);

const selectorName = 'meta.LabelSelector';
const selectorModel = `${metaV1}.LabelSelector`;
const requirementModel = `${metaV1}.LabelSelectorRequirement`;

/** The same for all kinds, however each checks it. */
const selectorModels = ({ ref }: Dialect): JsonObject => ({
  [selectorModel]: {
    type: 'object',
    description: 'Selects by labels: all that it says must hold.',
    properties: {
      matchExpressions: {
        type: 'array',
        description: 'Requirements on labels.',
        items: ref(requirementModel),
        'x-kubernetes-list-type': 'atomic',
      },
      matchLabels: { type: 'object', description: 'The values that labels must have.', additionalProperties: { type: 'string' } },
    },
    'x-kubernetes-map-type': 'atomic',
  },
  [requirementModel]: {
    type: 'object',
    description: 'A requirement on one label.',
    required: ['key', 'operator'],
    properties: {
      key: { type: 'string', description: 'The label.' },
      operator: { type: 'string', description: 'In, NotIn, Exists or DoesNotExist.' },
      values: {
        type: 'array',
        description: 'What In and NotIn are about.',
        items: { type: 'string' },
        'x-kubernetes-list-type': 'atomic',
      },
    },
  },
});

function partName({ group }: ServedKind, version: string, name: string): string {
  if (name.startsWith('meta.')) return `${metaV1}.${name.slice('meta.'.length)}`;
  return name.startsWith('core.') ? modelName('', 'v1', name.slice('core.'.length)) : modelName(group, version, name);
}

/** The same schema where nothing below it is named. */
function eachBelow(part: JsonObject, at: string, walk: (part: JsonObject, at: string) => JsonObject): JsonObject {
  const { properties, items } = part;
  const changes: { [name: string]: Json } = {};
  if (isJsonObject(properties)) {
    const under = at === '' ? '' : `${at}.`;
    const walked = Object.entries(properties).map(
      ([name, below]) => [name, isJsonObject(below) ? walk(below, `${under}${name}`) : below] as const,
    );
    if (walked.some(([name, below]) => below !== properties[name])) changes['properties'] = Object.fromEntries(walked) as JsonObject;
  }
  if (isJsonObject(items)) {
    const walked = walk(items, `${at}[]`);
    if (walked !== items) changes['items'] = walked;
  }
  return Object.keys(changes).length === 0 ? part : { ...part, ...changes };
}

const groupKind = ({ group, kind }: ServedKind): string => (group === '' ? kind : `${kind}.${group}`);

type Parts = { readonly [path: string]: string };

const ofBinding: Parts = { roleRef: 'RoleRef', 'subjects[]': 'Subject' };
const selector = (at: string): Parts => ({ [at]: selectorName });
const matched = (at: string): Parts => ({
  [at]: 'MatchResources',
  ...selector(`${at}.namespaceSelector`),
  ...selector(`${at}.objectSelector`),
  [`${at}.resourceRules[]`]: 'NamedRuleWithOperations',
  [`${at}.excludeResourceRules[]`]: 'NamedRuleWithOperations',
});

/** Which part of which kind has which name: `core.` and `meta.` are of those groups, the others of the kind's own. */
const partsOf: { readonly [groupKind: string]: Parts } = {
  Namespace: { spec: 'NamespaceSpec', status: 'NamespaceStatus', 'status.conditions[]': 'NamespaceCondition' },
  ServiceAccount: { 'secrets[]': 'ObjectReference', 'imagePullSecrets[]': 'LocalObjectReference' },
  Event: { involvedObject: 'ObjectReference', related: 'ObjectReference', series: 'EventSeries', source: 'EventSource' },
  'Event.events.k8s.io': {
    regarding: 'core.ObjectReference',
    related: 'core.ObjectReference',
    series: 'EventSeries',
    deprecatedSource: 'core.EventSource',
  },
  ResourceQuota: {
    spec: 'ResourceQuotaSpec',
    'spec.scopeSelector': 'ScopeSelector',
    'spec.scopeSelector.matchExpressions[]': 'ScopedResourceSelectorRequirement',
    status: 'ResourceQuotaStatus',
  },
  'Lease.coordination.k8s.io': { spec: 'LeaseSpec' },
  'Role.rbac.authorization.k8s.io': { 'rules[]': 'PolicyRule' },
  'ClusterRole.rbac.authorization.k8s.io': {
    'rules[]': 'PolicyRule',
    aggregationRule: 'AggregationRule',
    ...selector('aggregationRule.clusterRoleSelectors[]'),
  },
  'RoleBinding.rbac.authorization.k8s.io': ofBinding,
  'ClusterRoleBinding.rbac.authorization.k8s.io': ofBinding,
  'ValidatingAdmissionPolicy.admissionregistration.k8s.io': {
    spec: 'ValidatingAdmissionPolicySpec',
    'spec.paramKind': 'ParamKind',
    ...matched('spec.matchConstraints'),
    'spec.validations[]': 'Validation',
    'spec.auditAnnotations[]': 'AuditAnnotation',
    'spec.matchConditions[]': 'MatchCondition',
    'spec.variables[]': 'Variable',
    status: 'ValidatingAdmissionPolicyStatus',
    'status.typeChecking': 'TypeChecking',
    'status.typeChecking.expressionWarnings[]': 'ExpressionWarning',
    'status.conditions[]': 'meta.Condition',
  },
  'ValidatingAdmissionPolicyBinding.admissionregistration.k8s.io': {
    spec: 'ValidatingAdmissionPolicyBindingSpec',
    'spec.paramRef': 'ParamRef',
    ...selector('spec.paramRef.selector'),
    ...matched('spec.matchResources'),
  },
  'CustomResourceDefinition.apiextensions.k8s.io': {
    spec: 'CustomResourceDefinitionSpec',
    'spec.names': 'CustomResourceDefinitionNames',
    'spec.conversion': 'CustomResourceConversion',
    'spec.versions[]': 'CustomResourceDefinitionVersion',
    status: 'CustomResourceDefinitionStatus',
    'status.acceptedNames': 'CustomResourceDefinitionNames',
    'status.conditions[]': 'CustomResourceDefinitionCondition',
  },
};
