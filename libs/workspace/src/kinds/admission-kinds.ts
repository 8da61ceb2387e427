import type { JsonObject, KubeObject, PrinterColumn, ServedKind } from '#kube';
import { conditions, declareKind, integer, list, object, root, string, type KindDeclaration } from '#provider';

// https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/

const group = 'admissionregistration.k8s.io';
const age: PrinterColumn = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' };
const atomic: JsonObject = { 'x-kubernetes-list-type': 'atomic' };
const atomicTexts = (description: string): JsonObject => list({ type: 'string' }, { description, ...atomic });
/** Found by name, in schemas as in strategic merge patches. */
const byName: JsonObject = {
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['name'],
  'x-kubernetes-patch-strategy': 'merge',
  'x-kubernetes-patch-merge-key': 'name',
};

const labelSelector = (description: string, more: JsonObject = {}): JsonObject =>
  object(
    {
      matchLabels: { type: 'object', additionalProperties: { type: 'string' }, description: 'Labels and their values' },
      matchExpressions: list(
        object(
          {
            key: string('Label'),
            operator: string('In, NotIn, Exists or DoesNotExist'),
            values: atomicTexts('Values, for In and NotIn'),
          },
          ['key', 'operator'],
        ),
        { description: 'Requirements on labels', ...atomic },
      ),
    },
    [],
    { description, 'x-kubernetes-map-type': 'atomic', ...more },
  );

const rule = object(
  {
    apiGroups: atomicTexts('API groups, or * for all'),
    apiVersions: atomicTexts('Versions, or * for all'),
    operations: atomicTexts('CREATE, UPDATE, DELETE, CONNECT, or * for all'),
    resourceNames: atomicTexts('Names of the only objects that the rule is about'),
    resources: atomicTexts('Plurals, also with a subresource as in pods/status, or * for all'),
    scope: string('Cluster, Namespaced, or * for both', { default: '*' }),
  },
  [],
  { 'x-kubernetes-map-type': 'atomic' },
);

const matchResources = (description: string): JsonObject =>
  object(
    {
      excludeResourceRules: list(rule, { description: 'What is not meant', ...atomic }),
      matchPolicy: string('Exact, or Equivalent: also when asked for in another version', { default: 'Equivalent' }),
      namespaceSelector: labelSelector('Labels of the namespace', { default: {} }),
      objectSelector: labelSelector('Labels of the object, before or after the write', { default: {} }),
      resourceRules: list(rule, { description: 'What is meant', ...atomic }),
    },
    [],
    { description, 'x-kubernetes-map-type': 'atomic' },
  );

const named = (what: string): JsonObject =>
  object({ name: string('Name'), expression: string(`CEL: ${what}`) }, ['name', 'expression'], { 'x-kubernetes-map-type': 'atomic' });
const condition = object({ name: string('Name'), expression: string('CEL: whether the policy is about the write') }, [
  'name',
  'expression',
]);

const validation = object(
  {
    expression: string('CEL: whether the write may be done'),
    message: string('What is told if not'),
    messageExpression: string('CEL: what is told if not'),
    reason: string('Reason of the refusal: Invalid, Forbidden or RequestEntityTooLarge'),
  },
  ['expression'],
);

const policySpec = object(
  {
    auditAnnotations: list(
      object({ key: string('Key of the annotation'), valueExpression: string('CEL: its value, or null for none') }, [
        'key',
        'valueExpression',
      ]),
      { description: 'What is noted in the audit log', ...atomic },
    ),
    failurePolicy: string('Fail or Ignore: what comes of a policy that cannot be evaluated', { default: 'Fail' }),
    matchConditions: list(condition, { description: 'All must hold', ...byName }),
    matchConstraints: matchResources('Which writes the policy is about'),
    paramKind: object({ apiVersion: string('Version of the kind'), kind: string('Kind') }, [], {
      description: 'Of which kind the parameters are',
      'x-kubernetes-map-type': 'atomic',
    }),
    validations: list(validation, { description: 'What must hold of a write', ...atomic }),
    variables: list(named('its value'), { description: 'Named expressions that others may use', ...byName }),
  },
  [],
  { description: 'What the policy asks' },
);

const policyStatus = object({
  conditions,
  observedGeneration: integer('The metadata.generation that was looked at'),
  typeChecking: object({
    expressionWarnings: list(
      object({ fieldRef: string('Which expression'), warning: string('What is wrong with it, by kind') }, ['fieldRef', 'warning']),
      { description: 'Expressions that do not fit the kinds they are about', ...atomic },
    ),
  }),
});

const bindingSpec = object({
  matchResources: matchResources('Which of the writes that the policy is about are meant'),
  paramRef: object(
    {
      name: string('Name of the object'),
      namespace: string('Its namespace; without, that of the write'),
      parameterNotFoundAction: string('Allow or Deny, where there is no such object'),
      selector: labelSelector('Labels of the objects'),
    },
    [],
    { description: 'The parameters of the policy', 'x-kubernetes-map-type': 'atomic' },
  ),
  policyName: string('Name of the policy'),
  validationActions: list(string('Deny, Warn or Audit'), { description: 'What comes of a violation', 'x-kubernetes-list-type': 'set' }),
});

/** What is required is told by the rules of these kinds, in upstream's order and words; the schema tells it to clients. */
function judgedByRules(declaration: Omit<KindDeclaration, 'group' | 'compiledIn'>): ServedKind {
  const kind = declareKind({ group, compiledIn: true, ...declaration });
  const versions = kind.versions.map((version) => {
    const { schema } = version;
    const validate: typeof schema.validate = (...objects) => schema.validate(...objects).filter(({ reason }) => !ownReasons.has(reason));
    return { ...version, schema: { ...schema, validate } };
  });
  return { ...kind, versions };
}

const ownReasons: ReadonlySet<string> = new Set(['FieldValueRequired', 'FieldValueDuplicate']);

type SpecOf<Spec> = KubeObject & { readonly spec?: Spec };
type ShownPolicy = SpecOf<{
  readonly validations?: readonly unknown[];
  readonly paramKind?: { readonly apiVersion: string; readonly kind: string };
}>;
type ShownBinding = SpecOf<{ readonly paramRef?: { readonly name?: string; readonly namespace?: string; readonly selector?: unknown } }>;

export const validatingAdmissionPolicies: ServedKind = judgedByRules({
  resource: 'validatingadmissionpolicies',
  kind: 'ValidatingAdmissionPolicy',
  versions: [
    {
      name: 'v1',
      columns: [
        {
          name: 'Validations',
          type: 'integer',
          jsonPath: '.spec.validations',
          read: (policy) => (policy as ShownPolicy).spec?.validations?.length ?? 0,
          description: 'Validations indicates the number of validation rules defined in this configuration',
        },
        {
          name: 'ParamKind',
          type: 'string',
          jsonPath: '.spec.paramKind',
          read: (policy) => {
            const { paramKind } = (policy as ShownPolicy).spec ?? {};
            return paramKind ? `${paramKind.apiVersion}/${paramKind.kind}` : '<unset>';
          },
          description: 'ParamKind specifies the kind of resources used to parameterize this policy',
        },
        age,
      ],
      schema: root('What writes to this workspace must satisfy', policySpec, policyStatus),
    },
  ],
});

export const validatingAdmissionPolicyBindings: ServedKind = judgedByRules({
  resource: 'validatingadmissionpolicybindings',
  kind: 'ValidatingAdmissionPolicyBinding',
  statusSubresource: false,
  versions: [
    {
      name: 'v1',
      columns: [
        {
          name: 'PolicyName',
          type: 'string',
          jsonPath: '.spec.policyName',
          description: 'PolicyName indicates the policy definition which the policy binding binded to',
        },
        {
          name: 'ParamRef',
          type: 'string',
          jsonPath: '.spec.paramRef',
          read: (binding) => {
            const { name, namespace, selector } = (binding as ShownBinding).spec?.paramRef ?? {};
            if (name) return `${namespace || '*'}/${name}`;
            return selector === undefined ? '<unset>' : JSON.stringify(selector);
          },
          description: 'ParamRef indicates the param resource which sets the configration param',
        },
        age,
      ],
      schema: root('Puts a ValidatingAdmissionPolicy into force', bindingSpec),
    },
  ],
});

/** Policies do not judge themselves: whoever may write them can always put them right. */
export const isAdmissionKind = (kind: { readonly group: string }): boolean => kind.group === group;
