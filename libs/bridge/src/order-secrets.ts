import { markedValues, type AccountEvent } from '#account';
import type { BoundProvider, FieldPattern, KubeObject } from '#kube';
import { orderKeyAnnotation, parsePublicKey, pointerOf, recordKey, sealFields, type SealedFields } from '#provider-sdk';

/** What the bridge asks of the workspaces about orders that hold secrets. */
export interface SecretPort {
  /** The event with what is sealed in it. Undefined where the object's key is gone. Throws only for outages and bugs. */
  opened(cluster: string, recorded: { readonly data: string }): Promise<AccountEvent | undefined>;
  /** The provider's APIExport. Undefined where there is none any more. Throws only for outages and bugs. */
  apiExport(provider: BoundProvider): Promise<KubeObject | undefined>;
}

type Order = {
  readonly cluster: string;
  readonly uid: string;
  readonly provider: BoundProvider;
  readonly secretFields: readonly FieldPattern[];
  readonly recorded: { readonly data: string };
};

/** The marked fields of an order, readable for its provider alone; undefined where it has none of them. */
export async function sealedFields(order: Order, secrets: SecretPort): Promise<SealedFields | undefined> {
  const { cluster, uid, provider, secretFields, recorded } = order;
  const event = await secrets.opened(cluster, recorded);
  if (!event || !('object' in event)) return { fields: secretFields.map(pointerOf), reason: 'the key that opens them is gone' };
  const values = markedValues(event.object, secretFields);
  if (values.length === 0) return undefined;
  const withheld = (reason: string): SealedFields => ({ fields: values.map(([place]) => pointerOf(place)), reason });
  const found = (await secrets.apiExport(provider))?.metadata.annotations?.[orderKeyAnnotation];
  if (found === undefined) return withheld(`the APIExport ${provider.export} names no key to encrypt them with (${orderKeyAnnotation})`);
  const publicKey = parsePublicKey(found);
  if (!publicKey) return withheld(`${orderKeyAnnotation} of the APIExport ${provider.export} is no public key: a JWK of kty EC, crv P-256`);
  return sealFields(values, recordKey({ account: cluster, uid }), publicKey);
}
