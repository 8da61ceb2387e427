import { GraphQLError, GraphQLScalarType, Kind, valueFromASTUntyped, type ConstValueNode, type ValueNode } from 'graphql';
import { jsonInteger, wholeNumber, type Json } from '#json';
import { decodeBody, nestingMax } from '#kube';

const wrong = (type: string, value: unknown): GraphQLError =>
  new GraphQLError(`${type} cannot represent ${typeof value === 'bigint' ? String(value) : JSON.stringify(value)}`);

/** Stands in answers as a JSON number with all its digits, as it does in Kubernetes' own JSON. */
export const int64 = new GraphQLScalarType<number | bigint, number | bigint>({
  name: 'Int64',
  description:
    'A whole number of 64 bits. In JSON it is a number with all its digits: clients that read numbers as doubles lose those beyond 2^53.',
  coerceOutputValue: wholeOf,
  coerceInputValue: wholeOf,
  coerceInputLiteral(node) {
    const whole = node.kind === Kind.INT ? wholeNumber(node.value) : undefined;
    if (whole === undefined) throw wrong('Int64', untyped(node));
    return whole;
  },
});

function wholeOf(value: unknown): number | bigint {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  if (typeof value === 'bigint' && BigInt.asIntN(64, value) === value) return jsonInteger(value);
  throw wrong('Int64', value);
}

/** A number as JSON has it. */
export const float = new GraphQLScalarType<number | bigint, number | bigint>({
  name: 'Float',
  description: 'A number. Whole numbers of 64 bits keep all their digits.',
  coerceOutputValue: numberOf,
  coerceInputValue: numberOf,
  coerceInputLiteral(node) {
    if (node.kind === Kind.INT) return wholeNumber(node.value) ?? Number(node.value);
    if (node.kind === Kind.FLOAT) return numberOf(Number(node.value));
    throw wrong('Float', untyped(node));
  },
});

function numberOf(value: unknown): number | bigint {
  if (typeof value === 'bigint' || (typeof value === 'number' && Number.isFinite(value))) return value;
  throw wrong('Float', value);
}

export const intOrString = new GraphQLScalarType<number | bigint | string, number | bigint | string>({
  name: 'IntOrString',
  description: 'A whole number or a text, such as 80 and "50%".',
  coerceOutputValue: (value) => value as string,
  coerceInputValue: (value) => (typeof value === 'string' ? value : wholeOf(value)),
  coerceInputLiteral(node) {
    if (node.kind === Kind.STRING) return node.value;
    const whole = node.kind === Kind.INT ? wholeNumber(node.value) : undefined;
    if (whole === undefined) throw wrong('IntOrString', untyped(node));
    return whole;
  },
});

export const json = new GraphQLScalarType<Json, Json>({
  name: 'JSON',
  description: 'Any JSON value, as it is.',
  coerceOutputValue: (value) => value as Json,
  coerceInputValue: (value) => value as Json,
  coerceInputLiteral: (node) => jsonOfLiteral(node),
});

/** What frontends of this shape of API get where a schema says nothing: the text of a JSON value. */
export const jsonString = new GraphQLScalarType<Json, string>({
  name: 'JSONString',
  description: 'A JSON value written as a text. Taken as a text or as the value itself.',
  coerceOutputValue: (value) => JSON.stringify(value),
  coerceInputValue: (value) => (typeof value === 'string' ? parsed(value) : (value as Json)),
  coerceInputLiteral: (node) => (node.kind === Kind.STRING ? parsed(node.value) : jsonOfLiteral(node)),
});

/** As a body is read: bounded in its nesting, so that all behind may walk it. */
function parsed(text: string): Json {
  const decoded = decodeBody(Buffer.from(text), 'application/json');
  if (decoded.type === 'decoded') return decoded.value;
  throw new GraphQLError(`JSONString cannot represent a text that is no JSON: ${decoded.message}`);
}

const mapDescription = 'Texts by name: {"app": "web"}. Also taken as a list: [{key: "app.kubernetes.io/name", value: "web"}].';

export const stringMap = new GraphQLScalarType<unknown, unknown>({
  name: 'StringMap',
  description: 'Texts by name: {"app": "web"}.',
  coerceOutputValue: (value) => value,
});

/** Names such as `app.kubernetes.io/name` cannot be written as a field of a literal: a list of pairs can. */
export const stringMapInput = new GraphQLScalarType<Readonly<Record<string, string | null>>, unknown>({
  name: 'StringMap_Input',
  description: mapDescription,
  coerceOutputValue: (value) => value,
  coerceInputValue: mapOf,
  coerceInputLiteral: (node) => mapOf(jsonOfLiteral(node)),
});

/** null takes a name out where the object is a patch. */
function mapOf(value: unknown): Readonly<Record<string, string | null>> {
  const isText = (text: unknown): text is string | null => typeof text === 'string' || text === null;
  if (typeof value !== 'object' || value === null) throw wrong('StringMap_Input', value);
  const entries = Array.isArray(value) ? value.map(pairOf) : Object.entries(value);
  if (!entries.every((entry): entry is [string, string | null] => typeof entry[0] === 'string' && isText(entry[1])))
    throw wrong('StringMap_Input', value);
  return Object.fromEntries(entries);
}

function pairOf(item: unknown): readonly [unknown, unknown] {
  const { key, value = '' } = (item ?? {}) as { readonly key?: unknown; readonly value?: unknown };
  return [key, value];
}

/** What Kubernetes writes as `["All"]`, and people as `true`. */
export const dryRun = new GraphQLScalarType<boolean, unknown>({
  name: 'DryRun',
  description: 'Whether only to try: true or ["All"]. A variable may be declared as Boolean, as [String!] or as DryRun.',
  coerceInputValue: dryRunOf,
  coerceInputLiteral: (node) => dryRunOf(jsonOfLiteral(node)),
});

/** A variable of another declared type comes as that type has it. */
export function dryRunOf(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  const all = Array.isArray(value) ? value : [value];
  if (all.every((word) => word === 'All')) return all.length > 0;
  throw new GraphQLError(`DryRun takes true, false or ["All"], not ${JSON.stringify(value)}`);
}

/** A literal as JSON, whole numbers exact. Variables inside have been filled in before. */
function jsonOfLiteral(node: ConstValueNode, depth = 0): Json {
  if (depth > nestingMax) throw new GraphQLError(`a value nests deeper than ${nestingMax}`);
  switch (node.kind) {
    case Kind.INT:
      return wholeNumber(node.value) ?? Number(node.value);
    case Kind.LIST:
      return node.values.map((value) => jsonOfLiteral(value, depth + 1));
    case Kind.OBJECT:
      return Object.fromEntries(node.fields.map(({ name, value }) => [fieldName(name.value), jsonOfLiteral(value, depth + 1)]));
    case Kind.FLOAT:
      return Number(node.value);
    case Kind.NULL:
      return null;
    case Kind.BOOLEAN:
    case Kind.STRING:
    case Kind.ENUM:
      return node.value;
  }
}

function fieldName(name: string): string {
  if (name === '__proto__') throw new GraphQLError('field "__proto__" is not allowed');
  return name;
}

const untyped = (node: ValueNode): unknown => valueFromASTUntyped(node);
