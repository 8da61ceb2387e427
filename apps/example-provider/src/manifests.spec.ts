import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { httpBinExport } from '#demo-httpbin';

type Manifest = {
  kind: string;
  metadata: { name: string; labels?: Record<string, string> };
  spec: Record<string, unknown>;
  rules?: unknown[];
  roleRef?: { name: string };
};

const folder = resolve(import.meta.dirname, '../manifests');
const manifests = readdirSync(folder)
  .sort()
  .map((file) => parse(readFileSync(join(folder, file), 'utf8')) as Manifest);

test('schema, export and metadata fit together, in the order in which they are applied', () => {
  const [schema, exported, metadata, role, granted] = manifests;
  expect(manifests.map(({ kind }) => kind)).toEqual([
    'APIResourceSchema',
    'APIExport',
    'ProviderMetadata',
    'ClusterRole',
    'ClusterRoleBinding',
  ]);
  expect(exported?.metadata.name).toBe(httpBinExport);
  expect(exported?.spec['resources']).toMatchObject([{ group: schema?.spec['group'], name: 'httpbins', schema: schema?.metadata.name }]);
  expect(schema?.metadata.name).toBe(`v1.httpbins.${String(schema?.spec['group'])}`);
  expect(role?.rules).toMatchObject([{ resources: ['apiexports'], resourceNames: [exported?.metadata.name], verbs: ['bind'] }]);
  expect(granted?.roleRef?.name).toBe(role?.metadata.name);
  expect(exported?.metadata.labels?.['ui.platform-mesh.io/content-for']).toBe(metadata?.metadata.name);
});
