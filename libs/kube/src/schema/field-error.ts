import type { Json } from '../json.ts';
import type { StatusCause } from '../status-failure.ts';
import { goQuote, goStrings, goValue } from './go-text.ts';

/** One constructor per kind of field error, in upstream's words (apimachinery pkg/util/validation/field). */

export function requiredValue(field: string, detail = ''): StatusCause {
  return { reason: 'FieldValueRequired', message: withDetail('Required value', detail), field };
}

export function forbidden(field: string, detail: string): StatusCause {
  return { reason: 'FieldValueForbidden', message: withDetail('Forbidden', detail), field };
}

export function invalidValue(field: string, value: Json | undefined, detail: string): StatusCause {
  return { reason: 'FieldValueInvalid', message: withDetail(`Invalid value: ${goValue(value)}`, detail), field };
}

export function invalidStrings(field: string, values: readonly string[], detail: string): StatusCause {
  return { reason: 'FieldValueInvalid', message: `Invalid value: ${goStrings(values)}: ${detail}`, field };
}

export function invalidType(field: string, value: Json | undefined, detail: string): StatusCause {
  return { reason: 'FieldValueTypeInvalid', message: withDetail(`Invalid value: ${goValue(value)}`, detail), field };
}

export function duplicateValue(field: string, value: Json | undefined): StatusCause {
  return { reason: 'FieldValueDuplicate', message: `Duplicate value: ${goValue(value)}`, field };
}

export function notSupported(field: string, value: Json | undefined, supported: readonly string[]): StatusCause {
  const detail = supported.length === 0 ? '' : `supported values: ${supported.map(goQuote).join(', ')}`;
  return { reason: 'FieldValueNotSupported', message: withDetail(`Unsupported value: ${goValue(value)}`, detail), field };
}

export function tooLong(field: string, bytesMax: number): StatusCause {
  return { reason: 'FieldValueTooLong', message: `Too long: may not be more than ${bytesMax} bytes`, field };
}

export function tooMany(field: string, actual: number, max: number): StatusCause {
  return { reason: 'FieldValueTooMany', message: `Too many: ${actual}: must have at most ${max} items`, field };
}

function withDetail(text: string, detail: string): string {
  return detail === '' ? text : `${text}: ${detail}`;
}
