import type { Json } from '../json.ts';
import { goStrings } from '../schema/go-text.ts';
import { isMap, type ListType } from './field-type.ts';
import { keyElement, valueElement, type PathElement } from './path-element.ts';

export type ItemElement =
  { readonly type: 'element'; readonly element: PathElement } | { readonly type: 'unfit'; readonly message: string };

/** What tells an item of an associative list from the others. */
export function itemElement(list: ListType, item: Json): ItemElement {
  const element = list.keys.length > 0 ? keyedElement(list, item) : setElement(item);
  return element === undefined ? unfit(list, item) : { type: 'element', element };
}

/** The same without the reason; undefined for an item that has none. */
export function elementOfItem(list: ListType, item: Json): PathElement | undefined {
  return list.keys.length > 0 ? keyedElement(list, item) : setElement(item);
}

function setElement(item: Json): PathElement | undefined {
  return typeof item === 'object' ? undefined : valueElement(item);
}

/** A key that the item leaves out counts with its default; without one, the item is told by its other keys. */
function keyedElement({ keys, element }: ListType, item: Json): PathElement | undefined {
  if (!isMap(item)) return undefined;
  const present: [string, Json][] = [];
  for (const key of keys) {
    const value = Object.hasOwn(item, key) ? item[key] : element.map?.fields.get(key)?.defaultValue;
    if (value !== undefined) present.push([key, value]);
  }
  return present.length === 0 ? undefined : keyElement(present);
}

function unfit({ keysAsWritten }: ListType, item: Json): ItemElement {
  const message = (text: string): ItemElement => ({ type: 'unfit', message: text });
  if (keysAsWritten.length === 0) {
    if (item === null) return message("associative list without keys has an element that's an explicit null");
    if (Array.isArray(item)) return message('not supported: associative list with lists as elements');
    return message("associative list without keys has an element that's a map type");
  }
  if (item === null) return message('associative list with keys may not have a null element');
  if (!isMap(item)) return message('associative list with keys may not have non-map elements');
  const [key = ''] = keysAsWritten;
  if (keysAsWritten.length === 1)
    return message(
      `associative list with keys has an element that omits key field ${JSON.stringify(key)} (and doesn't have default value)`,
    );
  const quoted = goStrings(keysAsWritten).slice('[]string{'.length, -1).replaceAll(', ', ' ');
  return message(
    `associative list with keys has an element that omits all key fields [${quoted}] (and doesn't have default values for any key fields)`,
  );
}
