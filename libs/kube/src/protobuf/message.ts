/**
 * What one message holds, by field number, and how its fields look in JSON. Numbers and names are Kubernetes' public API
 * (the `generated.proto` beside each group's types).
 */
export type Message = { readonly fields: ReadonlyMap<number, Field> };

export type Field = {
  readonly name: string;
  readonly form: Form;
  /** `inline`: a message whose fields stand in JSON beside those of the message that holds it. */
  readonly many: 'one' | 'list' | 'map' | 'inline';
  /** Go writes a field that was never set as its zero. JSON leaves that out, unless Go holds a pointer or always writes it. */
  readonly keepsZero: boolean;
};

export type Form =
  | { readonly type: 'text' | 'flag' | 'integer' }
  /** A double. */
  | { readonly type: 'number' }
  /** Base64 in JSON. */
  | { readonly type: 'bytes' }
  /** JSON, wrapped in a message: FieldsV1, and JSON of schemas. */
  | { readonly type: 'json' }
  /** A list of texts, wrapped in a message: ExtraValue. */
  | { readonly type: 'texts' }
  /** A text, wrapped in a message: Quantity. */
  | { readonly type: 'quantity' }
  /** Seconds and nanoseconds; RFC 3339 in JSON, with so many digits of a second. */
  | { readonly type: 'time'; readonly digits: 0 | 6 }
  | { readonly type: 'message'; readonly message: Message }
  /** A message of which JSON has one field, without its name: the last that is set. JSONSchemaPropsOrBool and its like. */
  | { readonly type: 'either'; readonly message: Message };

type Declared = Omit<Field, 'name'> & { readonly number: number };

export function message(fields: Readonly<Record<string, Declared>>): Message {
  return { fields: new Map(Object.entries(fields).map(([name, { number, ...field }]) => [number, { name, ...field }])) };
}

const one =
  (form: Form) =>
  (number: number): Declared => ({ number, form, many: 'one', keepsZero: false });

export const text = one({ type: 'text' });
export const flag = one({ type: 'flag' });
export const integer = one({ type: 'integer' });
export const number = one({ type: 'number' });
export const bytes = one({ type: 'bytes' });
export const json = one({ type: 'json' });
export const texts = one({ type: 'texts' });
export const quantity = one({ type: 'quantity' });
export const time = one({ type: 'time', digits: 0 });
export const microTime = one({ type: 'time', digits: 6 });
export const nested = (number: number, of: Message): Declared => one({ type: 'message', message: of })(number);
export const either = (number: number, of: Message): Declared => one({ type: 'either', message: of })(number);

/** Go holds a pointer, or writes the field whatever it is. */
export const kept = (field: Declared): Declared => ({ ...field, keepsZero: true });
export const listOf = (field: Declared): Declared => ({ ...field, many: 'list' });
export const inlined = (field: Declared): Declared => ({ ...field, many: 'inline' });
/** Keys are texts. */
export const mapOf = (field: Declared): Declared => ({ ...field, many: 'map' });
