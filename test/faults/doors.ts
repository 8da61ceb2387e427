import type { Jwk } from '#provider-sdk';
import { orderKeyAnnotation } from '#provider-sdk';
import type { JsonObject } from '#kube';
import type { TributaryClient } from '../servers/tributary-client.ts';
import { untilTrue } from '../servers/tributary-until.ts';
import { bindingsOf, bindingTo, openAccount } from './gadgets.ts';

/** An offer whose schema marks secrets, wherever one can stand. */
export const doorGroup = 'doors.example.com';
const doorProvider = 'root:providers:joinery';

const pin: JsonObject = { type: 'string', format: 'password', maxLength: 40 };
const struct = (properties: JsonObject): JsonObject => ({ type: 'object', properties });

export const doorSchema: JsonObject = struct({
  spec: struct({
    pin,
    size: { type: 'integer', maximum: 9 },
    keepers: { type: 'array', items: struct({ name: { type: 'string' }, pin }) },
    rooms: { type: 'object', additionalProperties: struct({ pin }) },
    codes: { type: 'array', items: pin, 'x-kubernetes-list-type': 'set' },
  }),
  status: struct({
    opened: { type: 'string' },
    conditions: { type: 'array', items: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
  }),
});

/** Offers doors from a workspace of their own, with a key to encrypt their orders for, and binds them in another. */
export async function offerDoors(client: TributaryClient, workspace: string, orderKey: Jwk | undefined): Promise<void> {
  await openAccount(client, { parent: 'root:providers', name: 'joinery', type: 'account' });
  const apis = `/clusters/${doorProvider}/apis/apis.kcp.io`;
  const name = `v1.doors.${doorGroup}`;
  const names = { plural: 'doors', singular: 'door', kind: 'Door', listKind: 'DoorList' };
  const version = { name: 'v1', served: true, storage: true, subresources: { status: {} }, schema: doorSchema };
  await client.expect('POST', `${apis}/v1alpha1/apiresourceschemas`, {
    body: {
      apiVersion: 'apis.kcp.io/v1alpha1',
      kind: 'APIResourceSchema',
      metadata: { name },
      spec: { group: doorGroup, names, scope: 'Namespaced', versions: [version] },
    },
  });
  await client.expect('POST', `${apis}/v1alpha2/apiexports`, {
    body: {
      apiVersion: 'apis.kcp.io/v1alpha2',
      kind: 'APIExport',
      metadata: { name: doorGroup, annotations: orderKey ? { [orderKeyAnnotation]: JSON.stringify(orderKey) } : {} },
      spec: { resources: [{ group: doorGroup, name: 'doors', schema: name, storage: { crd: {} } }] },
    },
  });
  await client.expect('POST', bindingsOf(workspace), { body: bindingTo('doors', doorProvider, doorGroup) });
  await untilTrue(
    `doors are bound in ${workspace}`,
    async () => (await client.get(`${bindingsOf(workspace)}/doors`)).status?.['phase'] === 'Bound',
  );
}

export const doorsOf = (workspace: string): string => `/clusters/${workspace}/apis/${doorGroup}/v1/namespaces/default/doors`;

/** A door with a secret in every place that its schema marks. */
export const door = (name: string, secret: string, apiVersion = `${doorGroup}/v1`) => ({
  apiVersion,
  kind: 'Door',
  metadata: { name },
  spec: {
    pin: secret,
    size: 1,
    keepers: [{ name: 'ada' }, { name: 'grace', pin: secret }],
    rooms: { attic: { pin: secret } },
    codes: [secret],
  },
});
