import type { Json, JsonObject } from '../json.ts';
import { isNumeric } from '../schema/go-text.ts';
import type { FieldSet } from './field-set.ts';
import { fieldTypeIn, isMap, type FieldType } from './field-type.ts';

/**
 * Remembers what `find` answers for objects of one shape: which fields an object has depends on its keys and on the sort of value
 * that stands at each, not on the values. The objects of a kind have few shapes, and most of them are created by few clients.
 * What is remembered is part of many objects then: nobody changes it.
 */
export function fieldsByShape(find: (type: FieldType, object: JsonObject, resets: FieldSet) => JsonObject | undefined): typeof find {
  const known = new WeakMap<FieldType, WeakMap<FieldSet, Map<string, JsonObject | undefined>>>();
  return (type, object, resets) => {
    const shape = shapeOf(type, object);
    if (shape === undefined) return find(type, object, resets);
    let byResets = known.get(type);
    if (!byResets) known.set(type, (byResets = new WeakMap()));
    let byShape = byResets.get(resets);
    if (!byShape) byResets.set(resets, (byShape = new Map()));
    let fields = byShape.get(shape);
    if (fields === undefined) {
      if (byShape.size >= shapesMax) byShape.clear();
      byShape.set(shape, (fields = find(type, object, resets)));
    }
    return fields;
  };
}

const shapesMax = 256;
const shapeLengthMax = 4_000;

/** Undefined where it takes more than the shape to tell the fields, or too long a text. */
function shapeOf(type: FieldType, object: JsonObject): string | undefined {
  const drawing = { text: '' };
  return draw(drawing, type, object) ? drawing.text : undefined;
}

/** Keys stand with their lengths, so that no two shapes have one text. */
function draw(drawing: { text: string }, type: FieldType | undefined, value: Json): boolean {
  if (typeof value !== 'object') drawing.text += typeof value === 'string' ? 's' : isNumeric(value) ? 'n' : 'b';
  else if (value === null) drawing.text += '0';
  else if (!isMap(value)) {
    // The items of other lists are told from each other by what is in them.
    if (value.length > 0 && type?.list?.atomic !== true) return false;
    drawing.text += value.length > 0 ? 'l' : 'e';
  } else {
    drawing.text += '{';
    for (const name in value) {
      drawing.text += `${name.length}:${name}`;
      if (!draw(drawing, type?.map && fieldTypeIn(type.map, name), value[name] as Json)) return false;
      if (drawing.text.length > shapeLengthMax) return false;
    }
    drawing.text += '}';
  }
  return true;
}
