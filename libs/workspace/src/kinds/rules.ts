import { createHash } from 'node:crypto';
import { bindingFinalizer, conditionsOf, statusOf, withConditions, type AccountState, type EventAuthor, type KindRules } from '#account';
import { definitionsName, equalJson, groupResource, type JsonObject, type KubeObject, type StatusCause } from '#kube';
import { violationsOfApiSchema, type ApiSchema } from '#provider';
import { admissionRules } from './admission-rules.ts';
import { configMapRules, eventRules, namespaceRules } from './core-rules.ts';
import { definitionRules } from './definition-rules.ts';
import { quotaRules } from './quota-kinds.ts';
import { rbacRules } from './rbac-rules.ts';
import { secretRules } from './secret-rules.ts';

export const accountFinalizer = 'core.platform-mesh.io/account-finalizer';
const orgsPath = 'root:orgs';

/** What the mesh knows about its own kinds beyond their schemas. */
const kindRules: ReadonlyMap<string, KindRules> = new Map<string, KindRules>([
  ['namespaces', namespaceRules],
  ['configmaps', configMapRules],
  ['secrets', secretRules],
  ['resourcequotas', quotaRules],
  ['events', eventRules],
  [
    'accounts.core.platform-mesh.io',
    {
      prepare: prepareAccount,
      firstStatus: (_, at) => reconciling('Provisioning', 'the workspace is being prepared', at),
      revisedStatus: (object) => ({ ...statusOf(object), observedGeneration: object.metadata.generation ?? 1 }),
      finalizer: accountFinalizer,
      checkSound: checkAccount,
    },
  ],
  [
    'apibindings.apis.kcp.io',
    {
      firstStatus: (_, at) => ({ phase: 'Binding', ...reconciling('Binding', 'the export is being looked up', at) }),
      revisedStatus: (object) => ({ ...statusOf(object), observedGeneration: object.metadata.generation ?? 1 }),
      finalizer: bindingFinalizer,
      checkSound: checkBinding,
    },
  ],
  ['apiexports.apis.kcp.io', { prepare: prepareExport, firstStatus: exportStatus, revisedStatus: revisedExportStatus }],
  ['apiresourceschemas.apis.kcp.io', { checkSound: checkApiResourceSchema }],
  [definitionsName, definitionRules],
  ...rbacRules,
  ...admissionRules,
]);

export const rulesOf = (kind: { readonly group: string; readonly resource: string }): KindRules | undefined =>
  kindRules.get(groupResource(kind));

function reconciling(reason: string, message: string, at: string): JsonObject {
  return {
    conditions: withConditions(
      [],
      [
        { type: 'Ready', status: 'Unknown', reason, message },
        { type: 'Reconciling', status: 'True', reason, message },
      ],
      at,
    ),
  };
}

function prepareAccount(object: KubeObject, author: EventAuthor): KubeObject {
  return { ...object, spec: { ...(object.spec as JsonObject | undefined), creator: author.user } };
}

function prepareExport(object: KubeObject, _: EventAuthor, { path }: AccountState): KubeObject {
  return { ...object, metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, 'kcp.io/path': path } } };
}

/** Names that would be mistaken for a part of the mesh itself. */
const reservedOrgNames: ReadonlySet<string> = new Set([
  'root',
  'orgs',
  'providers',
  'system',
  'default',
  'admin',
  'kube-system',
  'www',
  'api',
]);

function checkAccount(object: KubeObject, old: KubeObject | undefined, account: AccountState): readonly StatusCause[] {
  const spec = object.spec as { readonly type?: string; readonly creator?: string } | undefined;
  const { name = '' } = object.metadata;
  const causes: StatusCause[] = [];
  const isOrgs = account.path === orgsPath;
  if (spec?.type === 'org' && !isOrgs) causes.push(invalidValue('spec.type', 'org', `an organisation lives in ${orgsPath}`));
  if (spec?.type === 'account' && isOrgs)
    causes.push(invalidValue('spec.type', 'account', `${orgsPath} holds organisations; create the account in the workspace of one`));
  if (spec?.type === 'org' && name.length < 3)
    causes.push(invalidValue('metadata.name', name, 'the name of an organisation has at least 3 characters'));
  if (spec?.type === 'org' && reservedOrgNames.has(name)) causes.push(invalidValue('metadata.name', name, 'this name is reserved'));
  if (old) causes.push(...immutable(object, old, 'type'), ...immutable(object, old, 'creator'));
  return causes;
}

function checkBinding(object: KubeObject, old: KubeObject | undefined): readonly StatusCause[] {
  if (old) return immutable(object, old, 'reference');
  const { reference } = object.spec as { readonly reference: { readonly export?: { readonly path?: string } } };
  if (!reference.export) return [{ reason: 'FieldValueRequired', field: 'spec.reference.export', message: 'Required value' }];
  return reference.export.path ? [] : [{ reason: 'FieldValueRequired', field: 'spec.reference.export.path', message: 'Required value' }];
}

function checkApiResourceSchema(object: KubeObject, old: KubeObject | undefined): readonly StatusCause[] {
  if (old && !equalJson(old.spec, object.spec))
    return [invalidValue('spec', 'object', 'APIResourceSchema is immutable; publish another one and name it in the APIExport')];
  return old ? [] : violationsOfApiSchema(object.metadata.name ?? '', object.spec as unknown as ApiSchema);
}

function exportStatus(object: KubeObject, at: string): JsonObject {
  const identityHash = createHash('sha256').update(`${object.metadata.uid}`).digest('hex');
  const valid = { type: 'IdentityValid', status: 'True', reason: 'IdentityGenerated', message: '' } as const;
  const ready = { type: 'Ready', status: 'True', reason: 'Exported', message: '' } as const;
  return { identityHash, observedGeneration: 1, conditions: withConditions([], [ready, valid], at) };
}

function revisedExportStatus(object: KubeObject): JsonObject {
  const status = statusOf(object);
  return { ...status, observedGeneration: object.metadata.generation ?? 1, conditions: conditionsOf(status) };
}

function immutable(object: KubeObject, old: KubeObject, field: string): readonly StatusCause[] {
  const [now, before] = [object, old].map(({ spec }) => (spec as JsonObject | undefined)?.[field]);
  if (equalJson(now, before)) return [];
  return [
    { reason: 'FieldValueInvalid', field: `spec.${field}`, message: `Invalid value: ${JSON.stringify(now ?? null)}: field is immutable` },
  ];
}

const invalidValue = (field: string, value: string, detail: string): StatusCause => ({
  reason: 'FieldValueInvalid',
  field,
  message: `Invalid value: ${JSON.stringify(value)}: ${detail}`,
});
