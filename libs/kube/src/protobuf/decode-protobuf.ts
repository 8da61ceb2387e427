import { inspectTree } from '../decode/inspect-tree.ts';
import { nestingMax, unsoundMessage, type DecodedBody } from '../decode/decoded.ts';
import type { Json } from '../json.ts';
import { decodeMessage } from './decode-message.ts';
import { deleteOptions, messageOfKind } from './messages.ts';
import { eachField } from './wire.ts';

/** Whether objects of this kind can be read from protobuf. `apiVersion` as in `v1` or `events.k8s.io/v1`. */
export function hasProtobuf(apiVersion: string, kind: string): boolean {
  return messageOfKind.has(`${apiVersion} ${kind}`);
}

/**
 * Reads an object in Kubernetes' envelope and makes of it what its JSON would have said. The envelope names the kind;
 * `expected` is what the endpoint takes where it does not. Nothing that comes this way can be a duplicate field.
 * Source: apimachinery pkg/runtime/serializer/protobuf/protobuf.go.
 */
export function decodeProtobuf(body: Buffer, expected: { readonly apiVersion: string; readonly kind: string }): DecodedBody {
  if (!body.subarray(0, prefix.length).equals(prefix)) return malformed('provided data does not appear to be a protobuf message');
  try {
    const { raw, contentEncoding, ...named } = openEnvelope(body.subarray(prefix.length));
    if (contentEncoding !== '') return malformed(`content encoding ${JSON.stringify(contentEncoding)} is not supported`);
    const apiVersion = named.apiVersion || expected.apiVersion;
    const kind = named.kind || expected.kind;
    const known = kind === 'DeleteOptions' ? deleteOptions : messageOfKind.get(`${apiVersion} ${kind}`);
    if (known === undefined) return malformed(`no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)}`);
    return sound({ apiVersion, kind, ...decodeMessage(raw, known) });
  } catch (fault) {
    // The reader throws at the first byte that it cannot make sense of.
    return malformed(fault instanceof Error ? fault.message : 'unreadable');
  }
}

const prefix = Buffer.from('k8s\0', 'latin1');

type Envelope = { apiVersion: string; kind: string; contentEncoding: string; raw: Uint8Array };

/** runtime.Unknown: the type's name, and the object's own bytes. */
function openEnvelope(bytes: Uint8Array): Envelope {
  const envelope: Envelope = { apiVersion: '', kind: '', contentEncoding: '', raw: bytes.subarray(0, 0) };
  eachField(bytes, (number, reader) => {
    if (number === 1) readTypeMeta(reader.bytes(), envelope);
    else if (number === 2) envelope.raw = reader.bytes();
    else if (number === 3) envelope.contentEncoding = reader.string();
    else return false;
    return true;
  });
  return envelope;
}

function readTypeMeta(bytes: Uint8Array, envelope: Envelope): void {
  eachField(bytes, (number, reader) => {
    if (number === 1) envelope.apiVersion = reader.string();
    else if (number === 2) envelope.kind = reader.string();
    else return false;
    return true;
  });
}

/** FieldsV1 may hold any JSON: what it holds is looked at like a body that came as JSON. */
function sound(value: Json): DecodedBody {
  const finding = inspectTree(value, nestingMax);
  return finding.type === 'sound' ? { type: 'decoded', value, duplicateFields: [] } : malformed(unsoundMessage(finding));
}

const malformed = (text: string): DecodedBody => ({ type: 'malformed', message: text });
