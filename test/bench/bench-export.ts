/** The kind that the benchmark orders: shaped like the reference service, with a note for the moment of the order. */
export const benchSchema = {
  apiVersion: 'apis.kcp.io/v1alpha1',
  kind: 'APIResourceSchema',
  metadata: { name: 'v1.httpbins.bench.tributary.io' },
  spec: {
    group: 'bench.tributary.io',
    names: { plural: 'httpbins', singular: 'httpbin', kind: 'HttpBin', listKind: 'HttpBinList' },
    scope: 'Namespaced',
    versions: [
      {
        name: 'v1alpha1',
        served: true,
        storage: true,
        subresources: { status: {} },
        additionalPrinterColumns: [{ name: 'Region', type: 'string', jsonPath: '.spec.region' }],
        schema: {
          type: 'object',
          required: ['spec'],
          properties: {
            spec: {
              type: 'object',
              required: ['region'],
              properties: {
                region: { type: 'string', minLength: 1, maxLength: 63 },
                replicas: { type: 'integer', minimum: 1, default: 1 },
                note: { type: 'string', maxLength: 255 },
              },
            },
            status: { type: 'object', properties: { url: { type: 'string' }, ready: { type: 'boolean' } } },
          },
        },
      },
    ],
  },
} as const;

export const benchExport = {
  apiVersion: 'apis.kcp.io/v1alpha2',
  kind: 'APIExport',
  metadata: { name: 'bench.tributary.io' },
  spec: { resources: [{ group: 'bench.tributary.io', name: 'httpbins', schema: benchSchema.metadata.name, storage: { crd: {} } }] },
} as const;

/** An order as a consumer would write it, about 330 bytes. */
export function instanceText(name: string, note: string): string {
  return JSON.stringify({
    apiVersion: 'bench.tributary.io/v1alpha1',
    kind: 'HttpBin',
    metadata: {
      name,
      labels: { 'app.kubernetes.io/name': 'bench', 'app.kubernetes.io/part-of': 'checkout' },
      annotations: { 'bench.tributary.io/owner': 'team-checkout' },
    },
    spec: { region: 'eu-central-1', replicas: 3, note },
  });
}
