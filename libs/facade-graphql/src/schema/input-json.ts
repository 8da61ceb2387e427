import {
  getNullableType,
  isInputObjectType,
  isListType,
  type GraphQLInputField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
} from 'graphql';
import type { JsonObject } from '#kube';

/** What an input says, as the object that Kubernetes knows: fields under their own names, those that no schema knows beside them. */
export function inputJson(type: GraphQLInputObjectType, value: unknown): JsonObject {
  return jsonOf(type, value) as JsonObject;
}

function jsonOf(type: GraphQLInputType, value: unknown): unknown {
  const nullable = getNullableType(type);
  if (value === null || typeof value !== 'object') return value;
  if (isListType(nullable)) return Array.isArray(value) ? value.map((item) => jsonOf(nullable.ofType as GraphQLInputType, item)) : value;
  if (!isInputObjectType(nullable)) return value;
  const fields = nullable.getFields();
  const object: Record<string, unknown> = {};
  const given = value as Readonly<Record<string, unknown>>;
  for (const name of Object.keys(given)) {
    const field = fields[name];
    const below = given[name];
    if (field === undefined || below === undefined) continue;
    if (field.extensions['isUnknown'] === true) {
      if (typeof below === 'object' && below !== null && !Array.isArray(below)) Object.assign(object, below);
    } else {
      object[fieldOf(field)] = jsonOf(field.type, below);
    }
  }
  return object;
}

/** Where a field of an object stands in the input: `spec.ports[0].port` → `["spec", "ports", "0", "port"]`, by the names that the language has for them. */
export function inputPath(type: GraphQLInputObjectType, path: string): readonly string[] {
  let at: GraphQLInputType | undefined = type;
  return (path.match(/[^.[\]]+/g) ?? []).map((segment) => {
    const nullable: GraphQLInputType | undefined = at && getNullableType(at);
    at = undefined;
    if (isListType(nullable)) {
      at = nullable.ofType as GraphQLInputType;
      return segment;
    }
    if (!isInputObjectType(nullable)) return segment;
    const field = Object.values(nullable.getFields()).find((known) => fieldOf(known) === segment);
    at = field?.type;
    return field?.name ?? segment;
  });
}

const fieldOf = ({ name, extensions }: GraphQLInputField): string => (typeof extensions['field'] === 'string' ? extensions['field'] : name);
