import type { Json, JsonObject } from '../json.ts';
import { isJsonList, isJsonObject } from '../schema/json-shape.ts';

/** What JSONSchemaProps has. https://kubernetes.io/docs/reference/kubernetes-api/extend-resources/custom-resource-definition-v1/#JSONSchemaProps */
const plain: ReadonlySet<string> = new Set([
  ...['id', '$schema', '$ref', 'description', 'type', 'format', 'title', 'default', 'maximum', 'exclusiveMaximum', 'minimum'],
  ...['exclusiveMinimum', 'maxLength', 'minLength', 'pattern', 'maxItems', 'minItems', 'uniqueItems', 'multipleOf', 'enum'],
  ...['maxProperties', 'minProperties', 'required', 'dependencies', 'externalDocs', 'example', 'nullable'],
  ...['x-kubernetes-preserve-unknown-fields', 'x-kubernetes-embedded-resource', 'x-kubernetes-int-or-string'],
  ...['x-kubernetes-list-map-keys', 'x-kubernetes-list-type', 'x-kubernetes-map-type', 'x-kubernetes-validations'],
]);
const holdsOne: ReadonlySet<string> = new Set(['not', 'additionalProperties', 'additionalItems', 'items']);
const holdsList: ReadonlySet<string> = new Set(['allOf', 'oneOf', 'anyOf', 'items']);
const holdsMap: ReadonlySet<string> = new Set(['properties', 'patternProperties', 'definitions']);

/** A schema without what is no keyword of its language; the paths of that go to `unknown`. The same schema where all is known. */
export function withKnownKeywords(schema: JsonObject, at: string, unknown: string[]): JsonObject {
  let changed = false;
  const kept: [string, Json][] = [];
  for (const [name, value] of Object.entries(schema)) {
    const path = `${at}.${name}`;
    if (!plain.has(name) && !holdsOne.has(name) && !holdsList.has(name) && !holdsMap.has(name)) {
      unknown.push(path);
      changed = true;
      continue;
    }
    const next = value === undefined ? undefined : below(name, value, path, unknown);
    changed ||= next !== value;
    if (next !== undefined) kept.push([name, next]);
  }
  return changed ? Object.fromEntries(kept) : schema;
}

function below(name: string, value: Json, at: string, unknown: string[]): Json {
  if (holdsOne.has(name) && isJsonObject(value)) return withKnownKeywords(value, at, unknown);
  if (holdsList.has(name) && isJsonList(value)) {
    const items = value.map((item, index) => (isJsonObject(item) ? withKnownKeywords(item, `${at}[${index}]`, unknown) : item));
    return items.every((item, index) => item === value[index]) ? value : items;
  }
  if (!holdsMap.has(name) || !isJsonObject(value)) return value;
  const entries = Object.entries(value).map(
    ([key, item]) => [key, isJsonObject(item) ? withKnownKeywords(item, `${at}.${key}`, unknown) : item] as const,
  );
  return entries.every(([key, item]) => item === value[key]) ? value : (Object.fromEntries(entries) as JsonObject);
}
