import { parseJson, type JsonObject } from '#json';
import { isSequence } from './sequence.ts';

/** The value of a spec record: what the consumer wants, whole. */
export type SpecMessage = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    /** Absent where the kind is cluster-scoped. */
    readonly namespace?: string;
    readonly uid: string;
    readonly generation: number;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    /** RFC 3339. Set: the consumer wants it gone, and the mesh waits for `released`. */
    readonly deletionTimestamp?: string;
    /** Fields that never stand in clear in a record, and are left out of the object. `runProvider` puts them back for `reconcile`. */
    readonly sealed?: SealedFields;
  };
  readonly spec?: JsonObject;
};

/** What stands in the metadata of a spec record in the place of fields that its schema marks with `format: password`. */
export type SealedFields = {
  /** The fields that are left out of the object, as JSON pointers: `/spec/users/0/password`. https://www.rfc-editor.org/rfc/rfc6901 */
  readonly fields: readonly string[];
  /** A compact JWE of a JSON object, their values by these pointers; its `sub` is the record's key. Absent: `reason` says why. */
  readonly jwe?: string;
  readonly reason?: string;
};

/** The value of a status record: what the provider has to say, whole; the status before it is replaced. */
export type StatusMessage = {
  readonly uid: string;
  /** The generation that this answers. */
  readonly observedGeneration: number;
  /** The provider's own counter per object, digits, never smaller than before. */
  readonly sequence: string;
  readonly status?: JsonObject;
  /** Acknowledges a deletion: nothing of the instance is left. */
  readonly released?: boolean;
};

/** Answers why the text is no spec message, or the message. */
export function parseSpecMessage(text: string): SpecMessage | Malformed {
  const value = parseObject(text);
  if (value instanceof Malformed) return value;
  const { apiVersion, kind, metadata, spec } = value;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return new Malformed('apiVersion and kind must be strings');
  if (!isObject(metadata)) return new Malformed('metadata must be an object');
  if (typeof metadata['name'] !== 'string' || typeof metadata['uid'] !== 'string')
    return new Malformed('metadata.name and metadata.uid must be strings');
  if (!Number.isSafeInteger(metadata['generation'])) return new Malformed('metadata.generation must be an integer');
  if (spec !== undefined && !isObject(spec)) return new Malformed('spec must be an object');
  const { sealed } = metadata;
  if (sealed !== undefined && !(isObject(sealed) && Array.isArray(sealed['fields'])))
    return new Malformed('metadata.sealed must name its fields');
  return value as SpecMessage;
}

/** Answers why the text is no report, or the report. Fields that we do not know are left alone. */
export function parseStatusMessage(text: string): StatusMessage | Malformed {
  const value = parseObject(text);
  if (value instanceof Malformed) return value;
  const { uid, observedGeneration, sequence, status, released } = value;
  if (typeof uid !== 'string' || uid === '') return new Malformed('uid must be a string');
  if (!Number.isSafeInteger(observedGeneration) || (observedGeneration as number) < 0)
    return new Malformed('observedGeneration must be a whole number');
  if (!isSequence(sequence)) return new Malformed('sequence must be a string of up to 20 digits');
  if (released !== undefined && typeof released !== 'boolean') return new Malformed('released must be a boolean');
  if (status === undefined ? released !== true : !isObject(status)) return new Malformed('status must be an object');
  return value as StatusMessage;
}

/** Why a value is not what its topic carries. A value, not a throw: the sender caused it. */
export class Malformed {
  readonly reason: string;
  constructor(reason: string) {
    this.reason = reason;
  }
}

function parseObject(text: string): JsonObject | Malformed {
  try {
    const value = parseJson(text);
    return isObject(value) ? value : new Malformed('not a JSON object');
  } catch (error) {
    return new Malformed(`not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);
