import { markedValues, type ObjectRecord } from '#account';
import { groupResource, secretFieldsOf, type KubeObject, type ServedKind } from '#kube';
import type { AccountActor, House } from '#workspace';
import { inOrder } from './in-order.ts';
import { portable } from './portable.ts';

export type ExportOptions = {
  readonly house: House;
  readonly account: AccountActor;
  /** Whether Secrets, and fields that a schema marks as secret, are shown in clear. */
  readonly withSecrets: boolean;
  /** Whether what providers and controllers have reported is in it. */
  readonly withStatus: boolean;
  /** Whether the Accounts below are in it: as objects, without what is in their workspaces. */
  readonly withAccounts: boolean;
};

export type ExportedItem =
  | { readonly type: 'object'; readonly object: KubeObject }
  /** `what` is left out, `Secret default/keys`, and `why` is the reason. */
  | { readonly type: 'leftOut'; readonly what: string; readonly why: string };

/**
 * What stands in an account's stream, in an order in which it can be created elsewhere: definitions and bindings, namespaces, the rest.
 * All as of one position. What the mesh computes, makes by itself, or keeps for a while only is not in it.
 */
export async function* exportAccount(options: ExportOptions): AsyncGenerator<ExportedItem> {
  const { house, account } = options;
  const kinds = inOrder((await house.kindsOf(account)).filter(isKept));
  // The lists never change, the state's next ones do.
  const lists = kinds.map((kind) => [kind, account.state.list(groupResource(kind))] as const);
  for (const [kind, records] of lists) for (const record of records) yield* exported(record, kind, options);
  yield { type: 'leftOut', what: 'Events and Leases', why: 'they are not meant to last' };
}

const isKept = ({ source, ephemeral, verbs }: ServedKind): boolean =>
  source.type !== 'computed' && ephemeral !== true && verbs.includes('create');

function* exported(record: ObjectRecord, kind: ServedKind, options: ExportOptions): Generator<ExportedItem> {
  const shown = inServedVersion(record.object, kind);
  const whole = portable(shown, { withStatus: options.withStatus && isReported(kind) });
  if (isMadeByMesh(whole)) return;
  const reason = reasonToLeaveOut(record, kind, options);
  const what = `${kind.kind} ${record.namespace === '' ? '' : `${record.namespace}/`}${record.name}`;
  if (reason !== undefined) return yield { type: 'leftOut', what, why: reason };
  if (options.withSecrets) return yield { type: 'object', object: whole };
  const places = markedValues(whole, [...(record.secretFields ?? []), ...secretFieldsOf(kind)]).map(([place]) => place);
  for (const field of new Set(places.map((place) => place.join('.'))))
    yield { type: 'leftOut', what: `${field} of ${what}`, why: 'it is secret' };
  yield { type: 'object', object: places.length === 0 ? whole : without(whole, places) };
}

function reasonToLeaveOut({ deleting, object }: ObjectRecord, kind: ServedKind, options: ExportOptions): string | undefined {
  if (deleting) return 'it is being deleted';
  switch (groupResource(kind)) {
    case 'secrets':
      if (object['type'] === 'kubernetes.io/service-account-token') return 'its token is of no use elsewhere';
      return options.withSecrets ? undefined : 'it is secret';
    case 'accounts.core.platform-mesh.io':
      return options.withAccounts ? undefined : 'it has a workspace of its own';
    default:
      return undefined;
  }
}

/** The status of other kinds is the mesh's own, which gives it anew. */
const isReported = ({ source }: ServedKind): boolean => source.type === 'bound' || source.type === 'custom';

/** Every workspace has these, as long as nobody has added to them. */
function isMadeByMesh({ kind, apiVersion, metadata, ...content }: KubeObject): boolean {
  if (apiVersion !== 'v1' || (kind !== 'Namespace' && kind !== 'ServiceAccount')) return false;
  const isNamed = kind === 'ServiceAccount' ? metadata.name === 'default' : /^(default|kube-.*)$/.test(metadata.name ?? '');
  const { name: _, namespace: __, labels = {}, ...others } = metadata;
  const isPlain = Object.keys(labels).every((label) => label === 'kubernetes.io/metadata.name');
  return isNamed && isPlain && Object.keys(others).length === 0 && Object.keys(content).length === 0;
}

/** An object is kept in one version, which need not be one that clients may write. */
function inServedVersion(object: KubeObject, kind: ServedKind): KubeObject {
  const kept = object.apiVersion.slice(object.apiVersion.indexOf('/') + 1);
  const served = kind.versions.filter((version) => version.served);
  if (kind.webhook !== undefined || served.some(({ name }) => name === kept)) return object;
  const to = served.find(({ name }) => name === kind.storageVersion) ?? served[0];
  if (to === undefined) return object;
  return kind.convert?.(object, to.name) ?? { ...object, apiVersion: kind.group === '' ? to.name : `${kind.group}/${to.name}` };
}

type Place = readonly (string | number)[];

function without(object: KubeObject, places: readonly Place[]): KubeObject {
  const copy = structuredClone(object) as unknown;
  for (const place of places) {
    let inside = copy as Record<string | number, unknown> | undefined;
    for (const step of place.slice(0, -1)) inside = inside?.[step] as typeof inside;
    const [last] = place.slice(-1);
    if (inside && last !== undefined) delete inside[last];
  }
  return copy as KubeObject;
}
