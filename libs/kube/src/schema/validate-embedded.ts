import type { Json, JsonObject } from '../json.ts';
import type { ObjectMeta } from '../kube-object.ts';
import { objectMetaTypeCauses } from '../metadata/object-meta-types.ts';
import { dns1035Problems } from '../metadata/names.ts';
import { validateObjectMeta } from '../metadata/validate-metadata.ts';
import type { StatusCause } from '../status-failure.ts';
import { invalidValue, requiredValue } from './field-error.ts';
import { fieldOf } from './field-path.ts';
import { isJsonList, isJsonObject } from './json-shape.ts';
import type { SchemaNode } from './schema-node.ts';

/** Embedded resources must say what they are (apiVersion, kind), and their metadata must be valid. */
export function embeddedCauses(node: SchemaNode, value: Json, at: string): readonly StatusCause[] {
  if (!node.has.embedded) return [];
  if (isJsonList(value)) {
    const { items } = node;
    return items ? value.flatMap((item, index) => embeddedCauses(items, item, `${at}[${index}]`)) : [];
  }
  if (!isJsonObject(value)) return [];
  return [...(node.embedded ? resourceCauses(value, at) : []), ...fieldCauses(node, value, at)];
}

function fieldCauses(node: SchemaNode, value: JsonObject, at: string): readonly StatusCause[] {
  return Object.keys(value).flatMap((key) => {
    const field = value[key];
    const property = node.properties.get(key);
    if (field === undefined) return [];
    if (property) return embeddedCauses(property, field, fieldOf(at, key));
    return typeof node.additional === 'object' ? embeddedCauses(node.additional, field, `${at}[${key}]`) : [];
  });
}

function resourceCauses(value: JsonObject, at: string): readonly StatusCause[] {
  const missing = ['apiVersion', 'kind'].filter((name) => !Object.hasOwn(value, name));
  return [
    ...missing.map((name) => requiredValue(fieldOf(at, name), 'must not be empty')),
    ...(Object.hasOwn(value, 'apiVersion') ? apiVersionCauses(value['apiVersion'], fieldOf(at, 'apiVersion')) : []),
    ...(Object.hasOwn(value, 'kind') ? kindCauses(value['kind'], fieldOf(at, 'kind')) : []),
    ...(Object.hasOwn(value, 'metadata') ? metadataCauses(value['metadata'], fieldOf(at, 'metadata')) : []),
  ];
}

function apiVersionCauses(apiVersion: Json | undefined, field: string): readonly StatusCause[] {
  if (typeof apiVersion !== 'string') return [invalidValue(field, apiVersion, 'must be a string')];
  if (apiVersion === '') return [invalidValue(field, apiVersion, 'must not be empty')];
  return apiVersion.split('/').length > 2 ? [invalidValue(field, apiVersion, `unexpected GroupVersion string: ${apiVersion}`)] : [];
}

function kindCauses(kind: Json | undefined, field: string): readonly StatusCause[] {
  if (typeof kind !== 'string') return [invalidValue(field, kind, 'must be a string')];
  if (kind === '') return [invalidValue(field, kind, 'must not be empty')];
  const problems = dns1035Problems(kind.toLowerCase());
  if (problems.length === 0) return [];
  return [invalidValue(field, kind, `may have mixed case, but should otherwise match: ${problems.join(',')}`)];
}

function metadataCauses(metadata: Json | undefined, field: string): readonly StatusCause[] {
  const types = objectMetaTypeCauses(metadata, field);
  if (types.length > 0 || !isJsonObject(metadata)) return types;
  // Its types have just been checked. Embedded resources need no name.
  const meta = metadata as ObjectMeta;
  return validateObjectMeta(
    { ...meta, name: meta.name || 'unnamed' },
    { namespaced: Boolean(meta.namespace), nameRule: 'pathSegment' },
    field,
  );
}
