import type { CelType } from './types.ts';
import { CelList, CelMap, Duration, OpaqueValue, Optional, Timestamp, TypeValue, Uint, type Value } from './values.ts';

/** Whether a value is of a type, as far as one look can tell: what is inside lists and maps is not looked at. */
export function accepts(type: CelType, value: Value): boolean {
  switch (type.kind) {
    case 'bool':
      return typeof value === 'boolean';
    case 'int':
      return typeof value === 'bigint';
    case 'double':
      return typeof value === 'number';
    case 'string':
      return typeof value === 'string';
    case 'null_type':
      return value === null;
    case 'uint':
      return value instanceof Uint;
    case 'bytes':
      return value instanceof Uint8Array;
    case 'list':
      return value instanceof CelList;
    case 'map':
    case 'object':
      return value instanceof CelMap;
    case 'duration':
      return value instanceof Duration;
    case 'timestamp':
      return value instanceof Timestamp;
    case 'optional':
      return value instanceof Optional;
    case 'type':
      return value instanceof TypeValue;
    case 'opaque':
      return value instanceof OpaqueValue && value.type.name === type.name;
    case 'dyn':
    case 'param':
    case 'error':
      return true;
  }
}
