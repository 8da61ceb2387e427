/**
 * PostgreSQL's binary form of one-dimensional arrays, as parameters of a statement: nothing is escaped on our side or
 * parsed on the server's. Layout: dimensions, null flag, element type, length, lower bound, then length and bytes of each.
 */
const headerBytes = 20;
const oids = { bytea: 17, int4: 23, int8: 20, text: 25, uuid: 2950, jsonb: 3802 } as const;

export function textArray(texts: readonly (string | null)[]): Buffer {
  let size = headerBytes;
  let nulls = 0;
  for (const text of texts) {
    size += 4;
    if (text === null) nulls += 1;
    else size += text.length <= shortCharacters ? text.length * bytesPerCharacterMax : Buffer.byteLength(text);
  }
  const array = begin(size, oids.text, texts.length);
  array.writeInt32BE(nulls > 0 ? 1 : 0, 4);
  let at = headerBytes;
  for (const text of texts) at = text === null ? array.writeInt32BE(nullLength, at) : writeText(array, text, at + 4);
  return texts.length === 0 ? array : array.subarray(0, at);
}

/** Writes the text, and its length before it; answers where it ends. */
function writeText(array: Buffer, text: string, at: number): number {
  const length = (text.length <= shortCharacters && writeShort(array, text, at)) || array.write(text, at);
  array.writeInt32BE(length, at - 4);
  return at + length;
}

/** Nearly all texts of rows are short and plain: for these, to call out of JavaScript would take longer than to write them. Else 0. */
function writeShort(array: Buffer, text: string, at: number): number {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code >= 0x80) return 0;
    array[at + index] = code;
  }
  return text.length;
}

const shortCharacters = 48;
const bytesPerCharacterMax = 3;

/** Of bytes, as they are. */
export function byteaArray(values: readonly (Uint8Array | null)[]): Buffer {
  const size = values.reduce((sum, bytes) => sum + 4 + (bytes?.length ?? 0), headerBytes);
  const array = begin(size, oids.bytea, values.length);
  array.writeInt32BE(values.includes(null) ? 1 : 0, 4);
  let at = headerBytes;
  for (const bytes of values) {
    at = array.writeInt32BE(bytes?.length ?? nullLength, at);
    if (bytes) array.set(bytes, at);
    at += bytes?.length ?? 0;
  }
  return array;
}

const nullLength = -1;

/** Of JSON texts, each behind the number of the form that they have. */
export function jsonbArray(texts: readonly (string | null)[]): Buffer {
  let size = headerBytes;
  let nulls = 0;
  const lengths = texts.map((text) => {
    if (text === null) nulls += 1;
    const length = text === null ? nullLength : 1 + Buffer.byteLength(text);
    size += 4 + Math.max(0, length);
    return length;
  });
  const array = begin(size, oids.jsonb, texts.length);
  array.writeInt32BE(nulls > 0 ? 1 : 0, 4);
  let at = headerBytes;
  for (let index = 0; index < texts.length; index++) {
    at = array.writeInt32BE(lengths[index] ?? nullLength, at);
    const text = texts[index] ?? null;
    if (text === null) continue;
    at = array.writeInt8(jsonbForm, at);
    at += array.write(text, at);
  }
  return array;
}

const jsonbForm = 1;

/** Of UUIDs, as `assertUuid` lets through. */
export function uuidArray(ids: readonly string[]): Buffer {
  const array = begin(headerBytes + ids.length * 20, oids.uuid, ids.length);
  let at = headerBytes;
  for (const id of ids) {
    at = array.writeInt32BE(16, at);
    at += array.write(id.replaceAll('-', ''), at, 'hex');
  }
  return array;
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** @throws RangeError for an id that is no UUID. */
export function assertUuid(id: string): void {
  if (!uuid.test(id)) throw new RangeError(`the id of an event must be a UUID, not ${JSON.stringify(id)}`);
}

export function int8Array(numbers: readonly bigint[]): Buffer {
  const array = begin(headerBytes + numbers.length * 12, oids.int8, numbers.length);
  let at = headerBytes;
  for (const number of numbers) at = array.writeBigInt64BE(number, array.writeInt32BE(8, at));
  return array;
}

export function int4Array(numbers: readonly number[]): Buffer {
  const array = begin(headerBytes + numbers.length * 8, oids.int4, numbers.length);
  let at = headerBytes;
  for (const number of numbers) at = array.writeInt32BE(number, array.writeInt32BE(4, at));
  return array;
}

function begin(size: number, oid: number, length: number): Buffer {
  const array = Buffer.allocUnsafe(size);
  array.writeInt32BE(length === 0 ? 0 : 1, 0);
  array.writeInt32BE(0, 4);
  array.writeInt32BE(oid, 8);
  array.writeInt32BE(length, 12);
  array.writeInt32BE(1, 16);
  return length === 0 ? array.subarray(0, 12) : array;
}
