import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseJson } from '#json';
import { encodeFields } from './apply/fields-v1.ts';
import { namedFields } from './apply/to-field-set.ts';
import { objectTypeOf } from './apply/type-of-schema.ts';
import { decodeBody, type BodyMediaType } from './decode/decode-body.ts';
import type { Json, JsonObject } from './json.ts';
import { compileSchema } from './schema/compile-schema.ts';

/** Numbers, and what Kubernetes' own code makes of them; written by test/conformance/number-vectors. */
type Cases = {
  readonly values: readonly string[];
  readonly yaml: readonly string[];
  readonly schemas: readonly JsonObject[];
  readonly numbers: readonly string[];
  readonly sets: readonly string[];
};
type Answers = {
  readonly values: readonly string[];
  readonly yaml: readonly string[];
  readonly refused: readonly (readonly string[])[];
  readonly sets: readonly string[];
};

const vectors = (file: string): unknown =>
  parseJson(readFileSync(new URL(`../../../test/conformance/number-vectors/${file}`, import.meta.url), 'utf8'));
const cases = vectors('cases.json') as Cases;
const answers = vectors('answers.json') as Answers;

describe('numbers are what upstream makes of them', () => {
  it.each(cases.values.map((text, index) => [text, answers.values[index]]))('in JSON: %s', (text, answer) => {
    expect(JSON.stringify(decoded(text ?? '', 'application/json'))).toBe(answer);
  });

  it.each(cases.yaml.map((text, index) => [text, answers.yaml[index]]))('in YAML: %s', (text, answer) => {
    expect(JSON.stringify(decoded(text ?? '', 'application/yaml'))).toBe(answer);
  });

  it.each(cases.schemas.flatMap((schema, at) => cases.numbers.map((text, index) => [schema, text, answers.refused[at]?.[index]] as const)))(
    'for a schema: %j about %s',
    (schema, text, answer) => {
      const { validate } = compileSchema({ type: 'object', properties: { n: schema } });
      const causes = validate(decoded(`{"n":${text}}`, 'application/json') as JsonObject);
      expect(causes.map(({ field, message }) => `${field}: ${message}\n`).join('')).toBe(answer);
    },
  );

  it.each(cases.sets.map((text, index) => [text, answers.sets[index]]))('as items of a set: %s', (text, answer) => {
    const set = { type: 'array', 'x-kubernetes-list-type': 'set', items: { 'x-kubernetes-int-or-string': true } };
    const object = decoded(`{"set":${text}}`, 'application/json');
    const fields = encodeFields(namedFields(objectTypeOf({ type: 'object', properties: { set } }), object));
    expect(JSON.stringify(fields['f:set'])).toBe(answer);
  });
});

function decoded(text: string, mediaType: BodyMediaType): Json {
  const body = decodeBody(Buffer.from(text), mediaType);
  if (body.type === 'malformed') throw new Error(body.message);
  return body.value;
}
