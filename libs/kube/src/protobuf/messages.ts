import {
  bytes,
  flag,
  inlined,
  integer,
  json,
  kept,
  listOf,
  mapOf,
  message,
  microTime,
  nested,
  quantity,
  text,
  texts,
  time,
  type Message,
} from './message.ts';
import { definitionMessage } from './definition-message.ts';

const ownerReference = message({
  kind: kept(text(1)),
  name: kept(text(3)),
  uid: kept(text(4)),
  apiVersion: kept(text(5)),
  controller: kept(flag(6)),
  blockOwnerDeletion: kept(flag(7)),
});

const managedFieldsEntry = message({
  manager: text(1),
  operation: text(2),
  apiVersion: text(3),
  time: time(4),
  fieldsType: text(6),
  fieldsV1: json(7),
  subresource: text(8),
});

const objectMeta = message({
  name: text(1),
  generateName: text(2),
  namespace: text(3),
  selfLink: text(4),
  uid: text(5),
  resourceVersion: text(6),
  generation: integer(7),
  creationTimestamp: time(8),
  deletionTimestamp: time(9),
  deletionGracePeriodSeconds: kept(integer(10)),
  labels: mapOf(text(11)),
  annotations: mapOf(text(12)),
  ownerReferences: listOf(nested(13, ownerReference)),
  finalizers: listOf(text(14)),
  managedFields: listOf(nested(17, managedFieldsEntry)),
});

export const deleteOptions = message({
  gracePeriodSeconds: kept(integer(1)),
  preconditions: nested(2, message({ uid: kept(text(1)), resourceVersion: kept(text(2)) })),
  orphanDependents: kept(flag(3)),
  propagationPolicy: kept(text(4)),
  dryRun: listOf(text(5)),
  ignoreStoreReadErrorWithClusterBreakingPotential: kept(flag(6)),
});

const namespaceCondition = message({
  type: kept(text(1)),
  status: kept(text(2)),
  lastTransitionTime: time(4),
  reason: text(5),
  message: text(6),
});

const namespace = message({
  metadata: nested(1, objectMeta),
  spec: nested(2, message({ finalizers: listOf(text(1)) })),
  status: nested(3, message({ phase: text(1), conditions: listOf(nested(2, namespaceCondition)) })),
});

const configMap = message({
  metadata: nested(1, objectMeta),
  data: mapOf(text(2)),
  binaryData: mapOf(bytes(3)),
  immutable: kept(flag(4)),
});

const secret = message({
  metadata: nested(1, objectMeta),
  data: mapOf(bytes(2)),
  type: text(3),
  stringData: mapOf(text(4)),
  immutable: kept(flag(5)),
});

const objectReference = message({
  kind: text(1),
  namespace: text(2),
  name: text(3),
  uid: text(4),
  apiVersion: text(5),
  resourceVersion: text(6),
  fieldPath: text(7),
});

const serviceAccount = message({
  metadata: nested(1, objectMeta),
  secrets: listOf(nested(2, objectReference)),
  imagePullSecrets: listOf(nested(3, message({ name: text(1) }))),
  automountServiceAccountToken: kept(flag(4)),
});

const quantities = (number: number) => mapOf(quantity(number));

const resourceQuota = message({
  metadata: nested(1, objectMeta),
  spec: nested(
    2,
    message({
      hard: quantities(1),
      scopes: listOf(text(2)),
      scopeSelector: nested(
        3,
        message({
          matchExpressions: listOf(nested(1, message({ scopeName: kept(text(1)), operator: kept(text(2)), values: listOf(text(3)) }))),
        }),
      ),
    }),
  ),
  status: nested(3, message({ hard: quantities(1), used: quantities(2) })),
});

const eventSource = message({ component: text(1), host: text(2) });

const coreEvent = message({
  metadata: nested(1, objectMeta),
  involvedObject: nested(2, objectReference),
  reason: text(3),
  message: text(4),
  source: nested(5, eventSource),
  firstTimestamp: time(6),
  lastTimestamp: time(7),
  count: integer(8),
  type: text(9),
  eventTime: microTime(10),
  series: nested(11, message({ count: integer(1), lastObservedTime: microTime(2) })),
  action: text(12),
  related: nested(13, objectReference),
  reportingComponent: kept(text(14)),
  reportingInstance: kept(text(15)),
});

const event = message({
  metadata: nested(1, objectMeta),
  eventTime: microTime(2),
  series: nested(3, message({ count: kept(integer(1)), lastObservedTime: microTime(2) })),
  reportingController: text(4),
  reportingInstance: text(5),
  action: text(6),
  reason: text(7),
  regarding: nested(8, objectReference),
  related: nested(9, objectReference),
  note: text(10),
  type: text(11),
  deprecatedSource: nested(12, eventSource),
  deprecatedFirstTimestamp: time(13),
  deprecatedLastTimestamp: time(14),
  deprecatedCount: integer(15),
});

const leaseSpec = message({
  holderIdentity: kept(text(1)),
  leaseDurationSeconds: kept(integer(2)),
  acquireTime: microTime(3),
  renewTime: microTime(4),
  leaseTransitions: kept(integer(5)),
  strategy: kept(text(6)),
  preferredHolder: kept(text(7)),
});

const requirement = message({ key: kept(text(1)), operator: kept(text(2)), values: listOf(text(3)) });
const selector = message({ rawSelector: text(1), requirements: listOf(nested(2, requirement)) });

const resourceAttributes = message({
  namespace: text(1),
  verb: text(2),
  group: text(3),
  version: text(4),
  resource: text(5),
  subresource: text(6),
  name: text(7),
  fieldSelector: nested(8, selector),
  labelSelector: nested(9, selector),
});

const nonResourceAttributes = message({ path: text(1), verb: text(2) });

const subjectAccessReviewSpec = message({
  resourceAttributes: nested(1, resourceAttributes),
  nonResourceAttributes: nested(2, nonResourceAttributes),
  user: text(3),
  groups: listOf(text(4)),
  extra: mapOf(texts(5)),
  uid: text(6),
});

const tokenRequestSpec = message({
  audiences: listOf(text(1)),
  boundObjectRef: nested(3, message({ kind: text(1), apiVersion: text(2), name: text(3), uid: text(4) })),
  expirationSeconds: kept(integer(4)),
});

const policyRule = message({
  verbs: listOf(text(1)),
  apiGroups: listOf(text(2)),
  resources: listOf(text(3)),
  resourceNames: listOf(text(4)),
  nonResourceURLs: listOf(text(5)),
});

const labelSelector = message({
  matchLabels: mapOf(text(1)),
  matchExpressions: listOf(nested(2, requirement)),
});

const role = message({ metadata: nested(1, objectMeta), rules: listOf(nested(2, policyRule)) });

const clusterRole = message({
  metadata: nested(1, objectMeta),
  rules: listOf(nested(2, policyRule)),
  aggregationRule: nested(3, message({ clusterRoleSelectors: listOf(nested(1, labelSelector)) })),
});

const binding = message({
  metadata: nested(1, objectMeta),
  subjects: listOf(nested(2, message({ kind: kept(text(1)), apiGroup: text(2), name: kept(text(3)), namespace: text(4) }))),
  roleRef: nested(3, message({ apiGroup: kept(text(1)), kind: kept(text(2)), name: kept(text(3)) })),
});

const rule = message({ apiGroups: listOf(text(1)), apiVersions: listOf(text(2)), resources: listOf(text(3)), scope: kept(text(4)) });
/** In JSON, one flat object. */
const resourceRule = message({
  resourceNames: listOf(text(1)),
  ruleWithOperations: inlined(nested(2, message({ operations: listOf(text(1)), rule: inlined(nested(2, rule)) }))),
});

const matchResources = message({
  namespaceSelector: nested(1, labelSelector),
  objectSelector: nested(2, labelSelector),
  resourceRules: listOf(nested(3, resourceRule)),
  excludeResourceRules: listOf(nested(4, resourceRule)),
  matchPolicy: kept(text(7)),
});

const namedExpression = message({ name: kept(text(1)), expression: kept(text(2)) });

const validatingAdmissionPolicySpec = message({
  paramKind: nested(1, message({ apiVersion: text(1), kind: text(2) })),
  matchConstraints: nested(2, matchResources),
  validations: listOf(
    nested(3, message({ expression: kept(text(1)), message: text(2), reason: kept(text(3)), messageExpression: text(4) })),
  ),
  failurePolicy: kept(text(4)),
  auditAnnotations: listOf(nested(5, message({ key: kept(text(1)), valueExpression: kept(text(2)) }))),
  matchConditions: listOf(nested(6, namedExpression)),
  variables: listOf(nested(7, namedExpression)),
});

const validatingAdmissionPolicyStatus = message({
  observedGeneration: integer(1),
  typeChecking: nested(2, message({ expressionWarnings: listOf(nested(1, message({ fieldRef: kept(text(2)), warning: kept(text(3)) }))) })),
  conditions: listOf(
    nested(
      3,
      message({
        type: kept(text(1)),
        status: kept(text(2)),
        observedGeneration: integer(3),
        lastTransitionTime: time(4),
        reason: kept(text(5)),
        message: kept(text(6)),
      }),
    ),
  ),
});

const validatingAdmissionPolicyBindingSpec = message({
  policyName: text(1),
  paramRef: nested(
    2,
    message({ name: text(1), namespace: text(2), selector: nested(3, labelSelector), parameterNotFoundAction: kept(text(4)) }),
  ),
  matchResources: nested(3, matchResources),
  validationActions: listOf(text(4)),
});

/** A review's status is the server's to say: what a client sends of it is skipped, like any field that is not known. */
const review = (spec: Message): Message => message({ metadata: nested(1, objectMeta), spec: nested(2, spec) });

/** The kinds that clients send as protobuf, by apiVersion and kind. */
export const messageOfKind: ReadonlyMap<string, Message> = new Map([
  ['v1 Namespace', namespace],
  ['v1 ConfigMap', configMap],
  ['v1 Secret', secret],
  ['v1 ServiceAccount', serviceAccount],
  ['v1 ResourceQuota', resourceQuota],
  ['v1 Event', coreEvent],
  ['events.k8s.io/v1 Event', event],
  ['coordination.k8s.io/v1 Lease', message({ metadata: nested(1, objectMeta), spec: nested(2, leaseSpec) })],
  ['authentication.k8s.io/v1 TokenReview', review(message({ token: text(1), audiences: listOf(text(2)) }))],
  ['authentication.k8s.io/v1 TokenRequest', review(tokenRequestSpec)],
  ['authentication.k8s.io/v1 SelfSubjectReview', message({ metadata: nested(1, objectMeta) })],
  [
    'authorization.k8s.io/v1 SelfSubjectAccessReview',
    review(message({ resourceAttributes: nested(1, resourceAttributes), nonResourceAttributes: nested(2, nonResourceAttributes) })),
  ],
  ['authorization.k8s.io/v1 SelfSubjectRulesReview', review(message({ namespace: text(1) }))],
  ['authorization.k8s.io/v1 SubjectAccessReview', review(subjectAccessReviewSpec)],
  ['authorization.k8s.io/v1 LocalSubjectAccessReview', review(subjectAccessReviewSpec)],
  ['rbac.authorization.k8s.io/v1 Role', role],
  ['rbac.authorization.k8s.io/v1 ClusterRole', clusterRole],
  ['rbac.authorization.k8s.io/v1 RoleBinding', binding],
  ['rbac.authorization.k8s.io/v1 ClusterRoleBinding', binding],
  ['apiextensions.k8s.io/v1 CustomResourceDefinition', definitionMessage(objectMeta)],
  [
    'admissionregistration.k8s.io/v1 ValidatingAdmissionPolicy',
    message({
      metadata: nested(1, objectMeta),
      spec: nested(2, validatingAdmissionPolicySpec),
      status: nested(3, validatingAdmissionPolicyStatus),
    }),
  ],
  [
    'admissionregistration.k8s.io/v1 ValidatingAdmissionPolicyBinding',
    message({ metadata: nested(1, objectMeta), spec: nested(2, validatingAdmissionPolicyBindingSpec) }),
  ],
]);
