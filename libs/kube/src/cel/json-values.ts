import type { Json, JsonObject } from '../json.ts';
import { isGoInteger, isNumeric } from '../schema/go-text.ts';
import { isJsonList, isJsonObject } from '../schema/json-shape.ts';
import { parseDuration, parseTimestamp } from './functions/time-text.ts';
import type { SchemaType } from './schema-type.ts';
import { CelError, CelList, CelMap, type Keying, type Value } from './values.ts';

/** JSON as a value of its schema's type. Lists and objects stay JSON; their parts become values when they are asked for. */
export function valueOf(json: Json, schema: SchemaType): Value {
  if (json === null) return null;
  switch (schema.json) {
    case 'string':
    case 'boolean':
      return typeof json === 'string' || typeof json === 'boolean' ? json : mismatch(schema);
    case 'integer':
      return isNumeric(json) && isGoInteger(json) ? BigInt(json) : mismatch(schema);
    case 'number':
      return isNumeric(json) ? Number(json) : mismatch(schema);
    case 'scalar':
      if (isNumeric(json)) return numeric(json);
      return typeof json === 'object' ? mismatch(schema) : json;
    case 'object':
      return isJsonObject(json) ? new ObjectValue(json, schema) : mismatch(schema);
    case 'map':
      return isJsonObject(json) && schema.element ? new MapValue(json, schema.element) : mismatch(schema);
    case 'list':
      return isJsonList(json) ? new ListValue(json, schema) : mismatch(schema);
    case 'byte':
      return typeof json === 'string' ? new Uint8Array(Buffer.from(json, 'base64')) : mismatch(schema);
    case 'duration':
      return typeof json === 'string' ? parseDuration(json) : mismatch(schema);
    case 'date':
      return typeof json === 'string' ? parseTimestamp(`${json}T00:00:00Z`) : mismatch(schema);
    case 'date-time':
      return typeof json === 'string' ? parseTimestamp(json) : mismatch(schema);
    case 'any':
      return anyValue(json, schema);
  }
}

function anyValue(json: Exclude<Json, null>, schema: SchemaType): Value {
  if (isNumeric(json)) return numeric(json);
  if (typeof json !== 'object') return json;
  return isJsonList(json) ? new ListValue(json, { ...schema, element: schema }) : new MapValue(json as JsonObject, schema);
}

const numeric = (json: number | bigint): number | bigint => (isGoInteger(json) ? BigInt(json) : json);

function mismatch(schema: SchemaType): CelError {
  return new CelError(`invalid data, expected a value of type ${schema.json}`);
}

/** An object with declared fields; others are not seen. */
class ObjectValue extends CelMap {
  readonly #json: JsonObject;
  readonly #fields: SchemaType['fields'];

  constructor(json: JsonObject, { fields }: SchemaType) {
    super();
    this.#json = json;
    this.#fields = fields;
  }

  get size(): number {
    return this.keys().length;
  }

  find(key: Value): Value | undefined {
    const field = typeof key === 'string' ? this.#fields?.get(key) : undefined;
    if (field === undefined || !Object.hasOwn(this.#json, field.name)) return undefined;
    const json = this.#json[field.name];
    return json === undefined ? undefined : valueOf(json, field.schema);
  }

  keys(): readonly Value[] {
    const present = [...(this.#fields ?? [])].filter(([, { name }]) => Object.hasOwn(this.#json, name));
    return present.map(([key]) => key);
  }
}

/** An object whose keys are data. */
class MapValue extends CelMap {
  readonly #json: JsonObject;
  readonly #element: SchemaType;

  constructor(json: JsonObject, element: SchemaType) {
    super();
    this.#json = json;
    this.#element = element;
  }

  get size(): number {
    return Object.keys(this.#json).length;
  }

  find(key: Value): Value | undefined {
    if (typeof key !== 'string' || !Object.hasOwn(this.#json, key)) return undefined;
    const json = this.#json[key];
    return json === undefined ? undefined : valueOf(json, this.#element);
  }

  keys(): readonly Value[] {
    return Object.keys(this.#json);
  }
}

class ListValue extends CelList {
  readonly #json: readonly Json[];
  readonly #schema: SchemaType;

  constructor(json: readonly Json[], schema: SchemaType) {
    super();
    this.#json = json;
    this.#schema = schema;
  }

  get length(): number {
    return this.#json.length;
  }

  at(index: number): Value {
    const { element } = this.#schema;
    return element ? valueOf(this.#json[index] ?? null, element) : null;
  }

  override get keying(): Keying | undefined {
    const { keys } = this.#schema;
    return keys && { textOf: (item) => (keys.length === 0 ? partText(item) : keys.map((key) => keyPart(item, key)).join()) };
  }
}

function keyPart(item: Value, key: string): string {
  return item instanceof CelMap ? partText(item.find(key) ?? null) : partText(item);
}

function partText(value: Value): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (value === null || typeof value !== 'object') return String(value);
  if (value instanceof CelList) return `[${value.values().map(partText).join()}]`;
  if (!(value instanceof CelMap)) return JSON.stringify(value);
  return `{${value
    .keys()
    .map((key) => `${partText(key)}:${partText(value.find(key) ?? null)}`)
    .toSorted()
    .join()}}`;
}
