import type { JsonObject } from '../json.ts';
import { isJsonObject } from '../schema/json-shape.ts';
import { propertiesOf } from '../schema/structural-bounds.ts';

const part = /^(?:\.([^.[\]]+)|\['((?:[^'\\]|\\.)*)'\])/s;
const escapes: ReadonlyMap<string, string> = new Map(
  Object.entries({ a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', "'": "'", '\\': '\\' }),
);

/** A rule's fieldPath (`.a.b`, `.labels['x']`) as it is appended to a field: `a.b`, `labels[x]`. Undefined: no such place. */
export function rulePath(path: string, schema: JsonObject): string | undefined {
  let [rest, at, text]: [string, JsonObject, string] = [path, schema, ''];
  while (rest !== '') {
    const found = part.exec(rest);
    const name = found?.[1] ?? (found?.[2] === undefined ? undefined : unescaped(found[2]));
    if (found === null || name === undefined) return undefined;
    const properties = propertiesOf(at);
    const { additionalProperties } = at;
    if (Object.keys(properties).length > 0) {
      const below = Object.hasOwn(properties, name) ? properties[name] : undefined;
      if (!isJsonObject(below)) return undefined;
      [at, text] = [below, text === '' ? name : `${text}.${name}`];
    } else if (isJsonObject(additionalProperties)) [at, text] = [additionalProperties, `${text}[${name}]`];
    else return undefined;
    rest = rest.slice(found[0].length);
  }
  return text === '' ? undefined : text;
}

function unescaped(text: string): string | undefined {
  let known = true;
  const plain = text.replace(/\\(.)/gs, (_, character: string) => {
    const meant = escapes.get(character);
    known &&= meant !== undefined;
    return meant ?? '';
  });
  return known ? plain : undefined;
}
