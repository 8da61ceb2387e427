import type { CelType } from './types.ts';

/**
 * What expressions compute with: int is bigint, double is number. A mistake at run time (`no such key: x`) is a value
 * too, so that `&&` and `||` can pass over it, as the language asks.
 */
export type Value =
  | boolean
  | bigint
  | number
  | string
  | null
  | Uint8Array
  | Uint
  | Duration
  | Timestamp
  | TypeValue
  | Optional
  | CelList
  | CelMap
  | OpaqueValue
  | CelError;

export class CelError {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

export const noSuchOverload = new CelError('no such overload');

export class Uint {
  readonly value: bigint;
  constructor(value: bigint) {
    this.value = value;
  }
}

/** Nanoseconds, signed. */
export class Duration {
  readonly nanos: bigint;
  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

/** Nanoseconds since 1970-01-01T00:00:00Z. */
export class Timestamp {
  readonly nanos: bigint;
  /** `Z`, or the offset in which it was written: `+02:00`. */
  readonly zone: string;
  constructor(nanos: bigint, zone = 'Z') {
    this.nanos = nanos;
    this.zone = zone;
  }
}

export class TypeValue {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

export class Optional {
  readonly value: Value | undefined;
  constructor(value: Value | undefined) {
    this.value = value;
  }
}

export const optionalNone = new Optional(undefined);

/** Lists of any origin. Those from JSON make values of their items when asked. */
export abstract class CelList {
  abstract readonly length: number;
  /** `index` is within bounds. */
  abstract at(index: number): Value;

  values(): readonly Value[] {
    return Array.from({ length: this.length }, (_, index) => this.at(index));
  }

  /** List maps and sets compare and add up by key, others by place. */
  get keying(): Keying | undefined {
    return undefined;
  }
}

/** How a list tells its items apart: sets by the whole item, list maps by some of its fields. */
export type Keying = { readonly textOf: (item: Value) => string };

export class ValueList extends CelList {
  readonly items: Value[];
  readonly #keying: Keying | undefined;
  constructor(items: Value[], keying?: Keying) {
    super();
    this.items = items;
    this.#keying = keying;
  }
  override get keying(): Keying | undefined {
    return this.#keying;
  }
  get length(): number {
    return this.items.length;
  }
  at(index: number): Value {
    return this.items[index] ?? null;
  }
  override values(): readonly Value[] {
    return this.items;
  }
}

export abstract class CelMap {
  abstract readonly size: number;
  abstract find(key: Value): Value | undefined;
  abstract keys(): readonly Value[];
}

export class ValueMap extends CelMap {
  readonly entries: Map<string, readonly [Value, Value]> = new Map();
  get size(): number {
    return this.entries.size;
  }
  find(key: Value): Value | undefined {
    return this.entries.get(keyText(key))?.[1];
  }
  keys(): readonly Value[] {
    return Array.from(this.entries.values(), ([key]) => key);
  }
  set(key: Value, value: Value): void {
    this.entries.set(keyText(key), [key, value]);
  }
}

/** One text per key: 1, 1u and 1.0 are the same key. */
export function keyText(key: Value): string {
  if (typeof key === 'string') return `s${key}`;
  if (typeof key === 'bigint') return `n${key}`;
  if (key instanceof Uint) return `n${key.value}`;
  if (typeof key === 'number') return Number.isInteger(key) ? `n${BigInt(key)}` : `n${key}`;
  return typeof key === 'boolean' ? `b${key}` : 'x';
}

/** Values of the Kubernetes libraries: quantities, URLs, addresses. */
export abstract class OpaqueValue {
  abstract readonly type: CelType;
  abstract equals(other: OpaqueValue): boolean;
  /** What `size` a cost is computed from. */
  get costSize(): number {
    return 1;
  }
}

export function typeNameOf(value: Value): string {
  if (value === null) return 'null_type';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'number') return 'double';
  return typeof value === 'string' ? 'string' : objectTypeName(value);
}

function objectTypeName(value: Exclude<Value, boolean | bigint | number | string | null>): string {
  if (value instanceof CelList) return 'list';
  if (value instanceof CelMap) return 'map';
  if (value instanceof Uint8Array) return 'bytes';
  if (value instanceof Uint) return 'uint';
  if (value instanceof Duration) return 'google.protobuf.Duration';
  if (value instanceof Timestamp) return 'google.protobuf.Timestamp';
  if (value instanceof Optional) return 'optional_type';
  if (value instanceof TypeValue) return 'type';
  return value instanceof OpaqueValue ? value.type.name : 'error';
}
