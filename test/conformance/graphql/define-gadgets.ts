import type { startGraphqlServer } from './graphql-server.ts';

type Server = Pick<Awaited<ReturnType<typeof startGraphqlServer>>, 'rest'>;

export const gadgets = '/apis/x.io/v1/namespaces/default/gadgets';

/** Has a workspace serve Gadgets, which have these properties, and a status. */
export const defineGadgets = (server: Server, properties: object, more?: object) =>
  server.rest('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', gadgetsDefinition(properties, more));

/** `more` is of its one version. */
export const gadgetsDefinition = (properties: object, more: object = {}) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'gadgets.x.io' },
  spec: {
    group: 'x.io',
    names: { plural: 'gadgets', singular: 'gadget', kind: 'Gadget', listKind: 'GadgetList' },
    scope: 'Namespaced',
    versions: [
      {
        ...{ name: 'v1', served: true, storage: true, subresources: { status: {} }, ...more },
        schema: { openAPIV3Schema: { type: 'object', properties } },
      },
    ],
  },
});
