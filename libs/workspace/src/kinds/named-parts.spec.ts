import { describe, expect, it } from 'vitest';
import { openApiV2, openApiV3, type JsonObject, type OpenApiEdition, type ServedKind } from '#kube';
import { builtinKind } from './kind-table.ts';

const kinds = [
  ...['namespaces', 'serviceaccounts', 'events', 'events.events.k8s.io', 'resourcequotas', 'leases.coordination.k8s.io'],
  ...['roles', 'clusterroles', 'rolebindings', 'clusterrolebindings'].map((name) => `${name}.rbac.authorization.k8s.io`),
  ...['validatingadmissionpolicies', 'validatingadmissionpolicybindings'].map((name) => `${name}.admissionregistration.k8s.io`),
  'customresourcedefinitions.apiextensions.k8s.io',
].map(builtinKind);
const groups = [...new Set(kinds.map(({ group }) => group))];

const documentOf = (edition: OpenApiEdition, of: readonly ServedKind[]): unknown => {
  const parts = of.flatMap((kind) => kind.versions.map((version) => edition.part(kind, version)));
  return JSON.parse(Buffer.concat(edition.join(parts)).toString('utf8'));
};
const inGroup = (group: string): readonly ServedKind[] => kinds.filter((kind) => kind.group === group);

const referencesIn = (text: string, prefix: string): readonly string[] =>
  [...new Set(text.matchAll(/"\$ref":"([^"]+)"/g))].map(([, ref = '']) => ref.replace(prefix, ''));

describe('the parts of built-in kinds', () => {
  it('have upstream’s names', () => {
    const { components } = documentOf(openApiV3, inGroup('rbac.authorization.k8s.io')) as {
      readonly components: { readonly schemas: { readonly [name: string]: { readonly properties: JsonObject } } };
    };
    const { schemas } = components;
    expect(schemas['io.k8s.api.rbac.v1.Role']?.properties['rules']).toMatchObject({
      type: 'array',
      items: { $ref: '#/components/schemas/io.k8s.api.rbac.v1.PolicyRule' },
    });
    expect(Object.keys(schemas['io.k8s.api.rbac.v1.PolicyRule']?.properties ?? {})).toContain('verbs');
    expect(schemas['io.k8s.api.rbac.v1.RoleBinding']?.properties['roleRef']).toMatchObject({
      allOf: [{ $ref: '#/components/schemas/io.k8s.api.rbac.v1.RoleRef' }],
    });
  });

  it('are all there', () => {
    for (const group of groups) {
      const document = documentOf(openApiV3, inGroup(group)) as { readonly components: { readonly schemas: JsonObject } };
      for (const name of referencesIn(JSON.stringify(document), '#/components/schemas/'))
        expect(document.components.schemas[name], `${group}: ${name}`).toBeDefined();
    }
    const document = documentOf(openApiV2, kinds) as { readonly definitions: JsonObject };
    for (const name of referencesIn(JSON.stringify(document), '#/definitions/')) expect(document.definitions[name], name).toBeDefined();
  });

  it('are described alike wherever they are', () => {
    for (const edition of [openApiV3, openApiV2]) {
      const known = new Map<string, string>();
      for (const kind of kinds)
        for (const version of kind.versions)
          for (const [name, model] of edition.part(kind, version).models) {
            const text = Buffer.from(model).toString('utf8');
            expect(text, `${kind.kind}: ${name}`).toBe(known.get(name) ?? text);
            known.set(name, text);
          }
    }
  });

  it('stay where they are in kinds that a consumer defines', () => {
    const own = { ...builtinKind('roles.rbac.authorization.k8s.io'), compiledIn: false };
    expect(JSON.stringify(documentOf(openApiV3, [own]))).not.toContain('PolicyRule');
  });
});
