import protobuf from 'protobufjs/minimal.js';

/** Why a message cannot be read. Thrown inside the decoder only, as its reader throws; `decodeProtobuf` makes a value of it. */
export class WireFault extends Error {}

/** Goes through the fields of a message. `read` answers whether it took the field; the others are skipped. */
export function eachField(bytes: Uint8Array, read: (number: number, reader: protobuf.Reader) => boolean): void {
  const reader = protobuf.Reader.create(bytes);
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (!read(tag >>> 3, reader)) reader.skipType(tag & 7);
  }
}
