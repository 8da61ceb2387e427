/** CEL's types, as far as rules over JSON need them. */
export type TypeKind =
  | 'bool'
  | 'bytes'
  | 'double'
  | 'duration'
  | 'dyn'
  | 'error'
  | 'int'
  | 'list'
  | 'map'
  | 'null_type'
  | 'object'
  | 'opaque'
  | 'optional'
  | 'param'
  | 'string'
  | 'timestamp'
  | 'type'
  | 'uint';

export type CelType = {
  readonly kind: TypeKind;
  /** Of opaque types (`net.IP`), parameters (`A`) and everything else as CEL names it. */
  readonly name: string;
  readonly parameters: readonly CelType[];
  /** Of objects: their fields by escaped name. */
  readonly fields?: ReadonlyMap<string, CelType>;
};

const simple = (kind: TypeKind, name: string = kind): CelType => ({ kind, name, parameters: [] });

export const boolType = simple('bool');
export const bytesType = simple('bytes');
export const doubleType = simple('double');
export const durationType = simple('duration', 'google.protobuf.Duration');
export const dynType = simple('dyn');
/** What an expression with a reported mistake has: it fits everywhere, so that each mistake is told once. */
export const errorType = simple('error', '!error!');
export const intType = simple('int');
export const nullType = simple('null_type', 'null');
export const stringType = simple('string');
export const timestampType = simple('timestamp', 'google.protobuf.Timestamp');
export const uintType = simple('uint');

export const listOf = (element: CelType): CelType => ({ kind: 'list', name: 'list', parameters: [element] });
export const mapOf = (key: CelType, value: CelType): CelType => ({ kind: 'map', name: 'map', parameters: [key, value] });
export const optionalOf = (type: CelType): CelType => ({ kind: 'optional', name: 'optional_type', parameters: [type] });
export const typeOf = (type: CelType): CelType => ({ kind: 'type', name: 'type', parameters: [type] });
export const opaque = (name: string): CelType => ({ kind: 'opaque', name, parameters: [] });
export const typeParameter = (name: string): CelType => ({ kind: 'param', name, parameters: [] });
export const objectOf = (fields: ReadonlyMap<string, CelType>, name = 'object'): CelType => ({
  kind: 'object',
  name,
  parameters: [],
  fields,
});

export const firstOf = (type: CelType): CelType => type.parameters[0] ?? dynType;
export const secondOf = (type: CelType): CelType => type.parameters[1] ?? dynType;

/** `list(string)`, `map(string, int)`: the way mistakes name types. */
export function typeText(type: CelType): string {
  if (type.kind === 'duration' || type.kind === 'timestamp') return type.kind;
  if (type.parameters.length === 0) return type.name;
  return `${type.name}(${type.parameters.map(typeText).join(', ')})`;
}

export function sameType(left: CelType, right: CelType): boolean {
  if (left === right) return true;
  if (left.kind !== right.kind || left.name !== right.name || left.fields !== right.fields) return false;
  return (
    left.parameters.length === right.parameters.length &&
    left.parameters.every((parameter, index) => sameType(parameter, right.parameters[index] ?? dynType))
  );
}

const named: ReadonlyMap<string, CelType> = new Map<string, CelType>([
  ['bool', boolType],
  ['bytes', bytesType],
  ['double', doubleType],
  ['duration', durationType],
  ['dyn', dynType],
  ['int', intType],
  ['null', nullType],
  ['string', stringType],
  ['timestamp', timestampType],
  ['uint', uintType],
  ['url', opaque('kubernetes.URL')],
  ['quantity', opaque('kubernetes.Quantity')],
  ['ip', opaque('net.IP')],
  ['cidr', opaque('net.CIDR')],
  ['semver', opaque('kubernetes.Semver')],
  ['format', opaque('kubernetes.NamedFormat')],
  ['authorizer', opaque('kubernetes.authorization.Authorizer')],
  ['pathcheck', opaque('kubernetes.authorization.PathCheck')],
  ['groupcheck', opaque('kubernetes.authorization.GroupCheck')],
  ['resourcecheck', opaque('kubernetes.authorization.ResourceCheck')],
  ['decision', opaque('kubernetes.authorization.Decision')],
]);

/** Reads the notation of the function tables: `string, list(A) -> bool`. */
export function readSignature(text: string): { readonly parameters: readonly CelType[]; readonly result: CelType } {
  const [left = '', right = ''] = text.split('->');
  return { parameters: splitTop(left).map(readType), result: readType(right.trim()) };
}

function readType(text: string): CelType {
  const trimmed = text.trim();
  const simpleType = named.get(trimmed);
  if (simpleType) return simpleType;
  const open = trimmed.indexOf('(');
  if (open < 0) return typeParameter(trimmed);
  const inner = splitTop(trimmed.slice(open + 1, -1)).map(readType);
  const [first = dynType, second = dynType] = inner;
  const name = trimmed.slice(0, open);
  if (name === 'list') return listOf(first);
  if (name === 'map') return mapOf(first, second);
  return name === 'optional' ? optionalOf(first) : typeOf(first);
}

function splitTop(text: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (character === '(') depth++;
    else if (character === ')') depth--;
    else if (character === ',' && depth === 0) {
      parts.push(text.slice(start, index));
      start = index + 1;
    }
  }
  parts.push(text.slice(start));
  return parts.filter((part) => part.trim() !== '');
}
