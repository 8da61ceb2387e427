import { parseJson } from '#json';
import type { JsonObject } from '../json.ts';
import { compare } from './compare.ts';
import { difference, noFields, type FieldSet } from './field-set.ts';
import { isMap, type FieldType } from './field-type.ts';
import { goJson } from './path-element.ts';
import { namedFields } from './to-field-set.ts';
import { typeFaults } from './validate-typed.ts';

const annotation = 'kubectl.kubernetes.io/last-applied-configuration';

/** All annotations together may not be longer, in bytes. */
const annotationsBytesMax = 256 * 1024;

/**
 * What kubectl applied before it left applying to the server, and nobody has changed since: these fields are its own,
 * whoever is written down as their owner.
 */
export function fieldsStillAsLastApplied(live: JsonObject, apiVersion: string, type: FieldType): FieldSet {
  const text = annotationsOf(live)?.[annotation];
  if (typeof text !== 'string' || text === '') return noFields;
  const last = parsed(text);
  if (last === undefined || last['apiVersion'] !== apiVersion) return noFields;
  if (typeFaults(type, last, 'refused').length > 0 || typeFaults(type, live, 'refused').length > 0) return noFields;
  const { added, removed, modified } = compare(type, last, live);
  return difference(difference(difference(namedFields(type, last), modified), added), removed);
}

/** The object with the annotation brought up to date, where it has one, so that older clients can go on applying. */
export function withLastApplied(object: JsonObject, config: JsonObject): JsonObject {
  const annotations = annotationsOf(object);
  const present = annotations?.[annotation];
  if (annotations === undefined || typeof present !== 'string' || present === '') return object;
  const { [annotation]: _, ...others } = annotations;
  const next = { ...others, [annotation]: `${goJson(sorted(withoutAnnotation(config)))}\n` };
  const bytes = Object.entries(next).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value as string), 0);
  return withAnnotations(object, bytes > annotationsBytesMax ? others : next);
}

function withoutAnnotation(config: JsonObject): JsonObject {
  const annotations = annotationsOf(config);
  if (annotations === undefined) return config;
  const { [annotation]: _, ...others } = annotations;
  return withAnnotations(config, others);
}

function annotationsOf(object: JsonObject): JsonObject | undefined {
  const annotations = (object['metadata'] as JsonObject | undefined)?.['annotations'];
  return isMap(annotations) ? annotations : undefined;
}

function withAnnotations(object: JsonObject, annotations: JsonObject): JsonObject {
  return { ...object, metadata: { ...(object['metadata'] as JsonObject), annotations } };
}

function parsed(text: string): JsonObject | undefined {
  try {
    const value = parseJson(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}

/** Go writes the fields of what it decoded in order of their names. */
function sorted<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(sorted) as T;
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(fields.map(([name, inside]) => [name, sorted(inside as unknown)])) as T;
}
