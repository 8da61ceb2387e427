import type { Json, JsonObject } from '../json.ts';
import { isJsonList, isJsonObject } from '../schema/json-shape.ts';

/**
 * What Swagger 2.0 and its readers can take of a structural schema: no junctors, no nullable, one type at most, and no
 * shape where unknown fields are preserved. Source: apiextensions pkg/controller/openapi/v2/conversion.go.
 */
export function downConvert(schema: JsonObject): JsonObject {
  const { type, nullable, properties, items, required, additionalProperties } = schema;
  const preserves = schema['x-kubernetes-preserve-unknown-fields'] === true;
  const shapeless = nullable === true || preserves;
  const converted = {
    properties: !shapeless && isJsonObject(properties) ? mapProperties(properties) : undefined,
    items: !shapeless && isJsonObject(items) ? downConvert(items) : undefined,
    additionalProperties: isJsonObject(additionalProperties) ? downConvert(additionalProperties) : additionalProperties,
    required: shapeless ? keepRequired(required, undefined) : keepRequired(required, properties, additionalProperties),
  };
  const typed = nullable !== true && !(preserves && type === 'object') && !(type === 'array' && converted.items === undefined);
  const kept: { [name: string]: Json } = { ...(typed && type !== undefined ? { type } : {}) };
  for (const [name, value] of Object.entries({ ...schema, ...converted })) {
    if (value !== undefined && !lost.has(name)) kept[name] = value;
  }
  return kept;
}

/** `type` is kept by its own rule. */
const lost: ReadonlySet<string> = new Set(['type', 'nullable', 'allOf', 'anyOf', 'oneOf', 'not']);

function mapProperties(properties: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, property]) => (isJsonObject(property) ? [[name, downConvert(property)] as const] : [])),
  );
}

/** A nullable field has lost its type, so it can no longer be demanded. */
function keepRequired(required: Json | undefined, properties: Json | undefined, additional?: Json): Json | undefined {
  if (!isJsonList(required) || (isJsonObject(additional) && additional['nullable'] === true)) return undefined;
  const kept = required.filter((name) => {
    const property = isJsonObject(properties) && typeof name === 'string' && Object.hasOwn(properties, name) ? properties[name] : undefined;
    return !isJsonObject(property) || property['nullable'] !== true;
  });
  return kept.length > 0 ? kept : undefined;
}
