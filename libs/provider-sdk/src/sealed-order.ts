import { parseJson, type JsonObject } from '#json';
import { decryptWith, encryptFor, type Jwk } from './jwe.ts';
import type { SealedFields, SpecMessage } from './messages.ts';

/** Where a provider says, in its APIExport's annotations, which key orders are to be encrypted for: a public JWK. */
export const orderKeyAnnotation = 'tributary.io/order-key';

/** The values of left-out fields, by their places. */
export type FieldValues = readonly (readonly [place: readonly (string | number)[], value: unknown])[];

/** Encrypts fields for whoever has the private key. It opens in the record of this key only: what is copied elsewhere does not open. */
export function sealFields(values: FieldValues, recordKey: string, publicKey: Jwk): SealedFields {
  const byPointer = values.map(([place, value]) => [pointerOf(place), value] as const);
  return {
    fields: byPointer.map(([pointer]) => pointer),
    jwe: encryptFor(publicKey, recordKey, JSON.stringify(Object.fromEntries(byPointer))),
  };
}

/** The object with the fields that were left out of it. @throws Error where they cannot be had; it names no value. */
export function openFields(message: SpecMessage, recordKey: string, privateKeys: readonly Jwk[]): SpecMessage {
  const { sealed, ...metadata } = message.metadata;
  if (!sealed) return message;
  const { fields, jwe, reason } = sealed;
  if (jwe === undefined) throw new Error(`${fields.join(', ')} could not be delivered: ${reason ?? 'no reason was given'}`);
  const values = parseJson(decryptWith(privateKeys, recordKey, jwe)) as JsonObject;
  let whole: unknown = { ...message, metadata };
  for (const [pointer, value] of Object.entries(values)) whole = placed(whole, stepsOf(pointer), value);
  return whole as SpecMessage;
}

/** A place as a JSON pointer. https://www.rfc-editor.org/rfc/rfc6901 */
export const pointerOf = (place: readonly (string | number)[]): string =>
  place.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

const stepsOf = (pointer: string): readonly string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));

function placed(value: unknown, [step = '', ...steps]: readonly string[], secret: unknown): unknown {
  const inside = (value as Record<string, unknown> | undefined)?.[step];
  const next = steps.length === 0 ? secret : placed(inside, steps, secret);
  return Array.isArray(value) ? value.with(Number(step), next) : { ...(value as object | undefined), [step]: next };
}
