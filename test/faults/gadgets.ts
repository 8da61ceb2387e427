import type { JsonObject } from '#kube';
import type { TributaryClient } from '../servers/tributary-client.ts';
import { untilTrue } from '../servers/tributary-until.ts';

/** An offer of our own, made to be ordered wrongly. Nobody delivers it, unless a test does. */
export const gadgetGroup = 'gadgets.example.com';
export const gadgetProvider = 'root:providers:gadgetry';

const strings: JsonObject = { type: 'array', items: { type: 'string' } };

const gadgetSpec: JsonObject = {
  type: 'object',
  required: ['size'],
  properties: {
    size: { type: 'string', enum: ['small', 'large'] },
    count: { type: 'integer', minimum: 1, maximum: 9 },
    code: { type: 'string', pattern: '^[a-z]+$', maxLength: 5 },
    since: { type: 'string', format: 'date-time' },
    parts: { ...strings, maxItems: 2 },
    tags: { ...strings, 'x-kubernetes-list-type': 'set' },
    ports: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      items: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } },
    },
    color: { type: 'string', default: 'grey' },
  },
};

const gadgetSchema = {
  apiVersion: 'apis.kcp.io/v1alpha1',
  kind: 'APIResourceSchema',
  metadata: { name: `v1.gadgets.${gadgetGroup}` },
  spec: {
    group: gadgetGroup,
    names: { plural: 'gadgets', singular: 'gadget', kind: 'Gadget', listKind: 'GadgetList' },
    scope: 'Namespaced',
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          type: 'object',
          required: ['spec'],
          properties: { spec: gadgetSpec, status: { type: 'object', properties: { note: { type: 'string' } } } },
        },
      },
    ],
  },
};

const gadgetExport = {
  apiVersion: 'apis.kcp.io/v1alpha2',
  kind: 'APIExport',
  metadata: { name: gadgetGroup },
  spec: { resources: [{ group: gadgetGroup, name: 'gadgets', schema: gadgetSchema.metadata.name, storage: { crd: {} } }] },
};

/** Offers gadgets from a workspace of their own. */
export async function offerGadgets(client: TributaryClient): Promise<void> {
  await openAccount(client, { parent: 'root:providers', name: 'gadgetry', type: 'account' });
  const apis = `/clusters/${gadgetProvider}/apis/apis.kcp.io`;
  await client.expect('POST', `${apis}/v1alpha1/apiresourceschemas`, { body: gadgetSchema });
  await client.expect('POST', `${apis}/v1alpha2/apiexports`, { body: gadgetExport });
}

export type NewAccount = { readonly parent: string; readonly name: string; readonly type: 'org' | 'account' };

/** Orders an account and waits until its workspace is open. */
export async function openAccount(client: TributaryClient, { parent, name, type }: NewAccount): Promise<void> {
  const accounts = `/clusters/${parent}/apis/core.platform-mesh.io/v1alpha1/accounts`;
  const body = { apiVersion: 'core.platform-mesh.io/v1alpha1', kind: 'Account', metadata: { name }, spec: { type } };
  await client.expect('POST', accounts, { body });
  await untilTrue(
    `${parent}:${name} is open`,
    async () =>
      (await client.get(`${accounts}/${name}`)).status?.conditions?.some((each) => each.type === 'Ready' && each.status === 'True') ??
      false,
  );
}

export const bindingTo = (name: string, path: string, exportName: string) => ({
  apiVersion: 'apis.kcp.io/v1alpha2',
  kind: 'APIBinding',
  metadata: { name },
  spec: { reference: { export: { path, name: exportName } } },
});

export const bindingsOf = (workspace: string): string => `/clusters/${workspace}/apis/apis.kcp.io/v1alpha2/apibindings`;
export const gadgetsOf = (workspace: string): string => `/clusters/${workspace}/apis/${gadgetGroup}/v1/namespaces/default/gadgets`;

/** Binds gadgets in a workspace; answers when they are served. */
export async function bindGadgets(client: TributaryClient, workspace: string): Promise<void> {
  await client.expect('POST', bindingsOf(workspace), { body: bindingTo('gadgets', gadgetProvider, gadgetGroup) });
  await untilTrue(
    `gadgets are bound in ${workspace}`,
    async () => (await client.get(`${bindingsOf(workspace)}/gadgets`)).status?.['phase'] === 'Bound',
  );
}

export const gadget = (name: string, spec: JsonObject = { size: 'small' }) => ({
  apiVersion: `${gadgetGroup}/v1`,
  kind: 'Gadget',
  metadata: { name },
  spec,
});
