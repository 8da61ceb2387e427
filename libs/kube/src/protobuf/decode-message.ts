import protobuf from 'protobufjs/minimal.js';
import { jsonInteger, parseJson } from '#json';
import type { Json } from '../json.ts';
import type { Field, Form, Message } from './message.ts';
import { eachField, WireFault } from './wire.ts';

type Fields = Record<string, Json>;

/** The JSON of a message. @throws WireFault, RangeError */
export function decodeMessage(bytes: Uint8Array, { fields }: Message): Fields {
  const reader = protobuf.Reader.create(bytes);
  const object: Fields = {};
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    const field = fields.get(tag >>> 3);
    if (field === undefined) reader.skipType(tag & 7);
    else {
      if ((tag & 7) !== wireTypeOf(field)) throw new WireFault(`proto: wrong wireType = ${tag & 7} for field ${field.name}`);
      readField(reader, field, object);
    }
  }
  return object;
}

const varint = 0;
const fixed64 = 1;
const lengthDelimited = 2;

const wireTypeOf = ({ form, many }: Field): number => {
  if (many === 'map') return lengthDelimited;
  if (form.type === 'number') return fixed64;
  return form.type === 'flag' || form.type === 'integer' ? varint : lengthDelimited;
};

function readField(reader: protobuf.Reader, { name, form, many, keepsZero }: Field, object: Fields): void {
  switch (many) {
    case 'one': {
      const value = readValue(reader, form);
      if (keepsZero || (value !== '' && value !== 0 && value !== false)) object[name] = value;
      return;
    }
    case 'list':
      object[name] ??= [];
      (object[name] as Json[]).push(readValue(reader, form));
      return;
    case 'inline':
      Object.assign(object, readValue(reader, form));
      return;
    case 'map':
      readEntry(reader.bytes(), form, (object[name] ??= {}) as Fields);
  }
}

/** One entry of a map: a message of a key and a value, either of which may be left out. */
function readEntry(bytes: Uint8Array, form: Form, map: Fields): void {
  const reader = protobuf.Reader.create(bytes);
  let key = '';
  let value: Json = form.type === 'texts' ? [] : '';
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === ((1 << 3) | lengthDelimited)) key = reader.string();
    else if (tag === ((2 << 3) | lengthDelimited)) value = readValue(reader, form);
    else reader.skipType(tag & 7);
  }
  if (key === '__proto__') throw new WireFault(`field ${JSON.stringify(key)} is not allowed`);
  map[key] = value;
}

function readValue(reader: protobuf.Reader, form: Form): Json {
  switch (form.type) {
    case 'text':
      return reader.string();
    case 'flag':
      return reader.bool();
    case 'integer':
      return jsonInteger(BigInt(String(reader.int64())));
    case 'number':
      return reader.double();
    case 'bytes':
      return Buffer.from(reader.bytes()).toString('base64');
    case 'json':
      return jsonOf(reader.bytes());
    case 'texts':
      return textsOf(reader.bytes());
    case 'quantity':
      return String((textsOf(reader.bytes()) as string[])[0] ?? '0');
    case 'time':
      return timeOf(reader.bytes(), form.digits);
    case 'message':
      return decodeMessage(reader.bytes(), form.message);
    case 'either':
      return Object.values(decodeMessage(reader.bytes(), form.message)).at(-1) ?? null;
  }
}

function jsonOf(bytes: Uint8Array): Json {
  let raw: Uint8Array = bytes.subarray(0, 0);
  eachField(bytes, (number, reader) => {
    if (number !== 1) return false;
    raw = reader.bytes();
    return true;
  });
  if (raw.length === 0) return null;
  try {
    return parseJson(Buffer.from(raw).toString('utf8')) as Json;
  } catch {
    throw new WireFault('FieldsV1 holds no JSON');
  }
}

function textsOf(bytes: Uint8Array): Json {
  const found: string[] = [];
  eachField(bytes, (number, reader) => {
    if (number !== 1) return false;
    found.push(reader.string());
    return true;
  });
  return found;
}

const yearOneSeconds = -62_135_596_800;
const year10000Seconds = 253_402_300_800;

/** Go writes a time that was never set as an empty message: null in JSON, not 1970. */
function timeOf(bytes: Uint8Array, digits: 0 | 6): Json {
  if (bytes.length === 0) return null;
  const parts = { seconds: 0, nanos: 0 };
  eachField(bytes, (number, reader) => {
    if (number === 1) parts.seconds = Number(reader.int64());
    else if (number === 2) parts.nanos = reader.int32();
    else return false;
    return true;
  });
  const { seconds, nanos } = parts;
  if (seconds === yearOneSeconds && nanos === 0) return null;
  if (!(seconds >= yearOneSeconds && seconds < year10000Seconds && nanos >= 0 && nanos < 1_000_000_000))
    throw new WireFault(`no time: ${seconds} s and ${nanos} ns`);
  const toTheSecond = new Date(seconds * 1_000).toISOString().slice(0, 19);
  return digits === 0 ? `${toTheSecond}Z` : `${toTheSecond}.${String(Math.trunc(nanos / 1_000)).padStart(6, '0')}Z`;
}
