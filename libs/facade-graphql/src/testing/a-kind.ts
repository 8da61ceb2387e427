import { customKind, type JsonObject, type ServedKind } from '#kube';

const text: JsonObject = { type: 'object', properties: { spec: { type: 'object', properties: { text: { type: 'string' } } } } };

/** A kind as a definition makes it. Without a schema it has one field, `spec.text`. */
export function aKind(
  group: string,
  plural: string,
  kind: string,
  { versions = ['v1'], schema = text }: { readonly versions?: readonly string[]; readonly schema?: JsonObject } = {},
): ServedKind {
  return customKind({
    group,
    names: { plural, kind, singular: kind.toLowerCase(), listKind: `${kind}List` },
    scope: 'Namespaced',
    versions: versions.map((name, index) => ({ name, served: true, storage: index === 0, schema: { openAPIV3Schema: schema } })),
    conversion: { strategy: 'None' },
  });
}
