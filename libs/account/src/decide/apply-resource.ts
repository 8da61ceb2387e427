import { applyConfiguration, type Applied, type JsonObject, type KubeObject, type ResourceKey } from '#kube';
import { refuse } from '#stream';
import type { AccountState } from '../account-state.ts';
import type { Refusal } from '../refusal.ts';
import { declareResource } from './declare-resource.ts';
import { reviseResource, type Patched, type ReviseResource, type Revised } from './revise-resource.ts';
import { apiVersionOf, trackedWrite } from './track-fields.ts';

/**
 * A consumer says which fields they care about, and what these should be: server-side apply. The object comes into being
 * where there is none.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/
 */
export type ApplyResource = Omit<ReviseResource, 'change' | 'duplicateFields'> & {
  /** Untrusted. Its metadata is an object. */
  readonly config: KubeObject;
  /** Whether to take from others what they own. */
  readonly force: boolean;
  /** What the object is to be called where it comes into being. */
  readonly uid: string;
  readonly random: () => number;
  /** Where the workspace's namespaces stand, if not in the state that is to hold the object. */
  readonly home?: AccountState | undefined;
};

export type AppliedResource = Revised & { readonly created: boolean };

/** Declares the object where there is none, and revises it otherwise; refused as these are, and where others own what the configuration names. */
export function applyResource(intent: ApplyResource, account: AccountState): AppliedResource {
  const refused = (refusal: Refusal): AppliedResource => ({ decision: refuse(refusal), warnings: [], created: false });
  const malformed = misappliedTo(intent);
  if (malformed !== undefined) return refused({ type: 'RequestMalformed', message: malformed });
  const { kind, namespace, name, uid } = intent;
  const key: ResourceKey = { group: kind.group, resource: kind.resource, namespace: kind.namespaced ? namespace : '', name };
  const record = account.find(key);
  // With our own uid an earlier attempt was committed and its answer lost: to apply again changes nothing.
  if (record) return { ...revised(intent, account), created: record.uid === uid };
  if (intent.subresource !== undefined) return refused({ type: 'ResourceUnknown', key });
  const { uid: named } = intent.config.metadata;
  if (named) return refused({ type: 'UidUnmatched', key, uid: named });
  return created(intent, account);
}

function revised(intent: ApplyResource, account: AccountState): Revised {
  const apply = (present: KubeObject): Patched => patchedBy(applied(present, intent));
  return reviseResource({ ...intent, change: { type: 'patch', apply }, duplicateFields: [] }, account);
}

function created(intent: ApplyResource, account: AccountState): AppliedResource {
  const { kind, version, namespace, name, fieldValidation, rules, screen, uid, random, by, home } = intent;
  const outcome = patchedBy(applied(undefined, intent));
  if (outcome.type !== 'patched') {
    const refusal: Refusal = outcome.type === 'refused' ? outcome.refusal : { type: 'RequestMalformed', message: outcome.message };
    return { decision: refuse(refusal), warnings: [], created: false };
  }
  const body = { ...outcome.object, metadata: { ...outcome.object.metadata, name } };
  const submission = { kind, version, namespace, body, duplicateFields: [], fieldValidation };
  const owners = outcome.owners ?? { managedFields: undefined };
  const { decision, warnings } = declareResource({ ...submission, rules, screen, uid, by, random, owners, home }, account);
  const event = decision.type === 'accepted' ? decision.events[0] : undefined;
  return { decision, warnings, created: true, ...(event && 'object' in event ? { object: event.object } : {}) };
}

function applied(present: KubeObject | undefined, intent: ApplyResource): Applied {
  const write = { ...trackedWrite(intent), force: intent.force };
  return applyConfiguration(present as unknown as JsonObject | undefined, intent.config as unknown as JsonObject, write);
}

/** What an apply has come to, as what a patch comes to. */
export function patchedBy(outcome: Applied): Patched {
  switch (outcome.type) {
    case 'applied':
      return {
        type: 'patched',
        object: outcome.object as unknown as KubeObject,
        owners: { managedFields: outcome.managedFields },
      };
    case 'conflict':
      return { type: 'refused', refusal: { type: 'FieldsContested', message: outcome.message, causes: outcome.causes } };
    case 'untyped':
      return { type: 'refused', refusal: { type: 'ConfigurationUnfit', message: outcome.message } };
  }
}

/** Where a configuration says something else than the URL that it was sent to. */
export function misappliedTo({ kind, version, name, config }: Misapplied): string | undefined {
  const { apiVersion = '', kind: kindName = '', metadata } = config;
  if (apiVersion !== apiVersionOf(kind, version.name) || kindName !== kind.kind) {
    // Untrusted: neither need be a text.
    const groupVersion = String(apiVersion).includes('/') ? String(apiVersion) : `/${String(apiVersion)}`;
    return `invalid object type: ${groupVersion}, Kind=${String(kindName)}`;
  }
  if (metadata.managedFields !== undefined && metadata.managedFields !== null) return 'metadata.managedFields must be nil';
  if (metadata.name !== undefined && metadata.name !== name) {
    return `the name of the object (${String(metadata.name)}) does not match the name on the URL (${name})`;
  }
  return undefined;
}

type Misapplied = Pick<ApplyResource, 'kind' | 'version' | 'name' | 'config'>;
