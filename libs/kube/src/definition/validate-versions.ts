import { rulePath } from '../cel/rule-path.ts';
import { equalJson } from '../equal-json.ts';
import type { Json, JsonObject } from '../json.ts';
import { dns1035Problems } from '../metadata/names.ts';
import { duplicateValue, invalidValue, requiredValue, tooMany } from '../schema/field-error.ts';
import { isJsonObject } from '../schema/json-shape.ts';
import { propertiesOf } from '../schema/structural-bounds.ts';
import { validateStructuralSchema } from '../schema/validate-structural.ts';
import type { PrinterColumn } from '../served-kind.ts';
import type { StatusCause } from '../status-failure.ts';
import type { DefinitionVersion } from './definition.ts';
import { notSimple, scaleCauses } from './validate-scale.ts';

type Shared = { readonly schema: boolean; readonly subresources: boolean; readonly columns: boolean; readonly selectable: boolean };

/** What is wrong with the versions of a definition. What they have in common is told once, at the top of the spec. */
export function versionCauses(versions: readonly DefinitionVersion[]): readonly StatusCause[] {
  const shared = sharedBy(versions);
  const names = versions.map(({ name }) => name);
  const [first] = versions;
  return [
    ...versions.flatMap((version, index) => ownCauses(version, `spec.versions[${index}]`, shared)),
    ...(new Set(names).size < names.length ? [ofAll(versions, shared, 'must contain unique version names')] : []),
    ...(versions.filter(({ storage }) => storage).length === 1
      ? []
      : [ofAll(versions, shared, 'must have exactly one version marked as storage version')]),
    ...(first && shared.schema ? schemaCauses(first, versions.some(hasStatus), 'spec.validation') : []),
    ...(first && shared.subresources ? scaleCauses(first.subresources?.scale, 'spec.subresources') : []),
    ...(first && shared.columns ? columnCauses(first.additionalPrinterColumns, 'spec.additionalPrinterColumns') : []),
    ...(first && shared.selectable ? selectableCauses(first, 'spec.selectableFields') : []),
  ];
}

function sharedBy(versions: readonly DefinitionVersion[]): Shared {
  const same = (part: (version: DefinitionVersion) => unknown): boolean =>
    versions.every((version) => equalJson(part(version) ?? null, (versions[0] && part(versions[0])) ?? null));
  return {
    schema: same(({ schema }) => schema),
    subresources: same(({ subresources }) => subresources),
    columns: same(({ additionalPrinterColumns }) => additionalPrinterColumns),
    selectable: same(({ selectableFields }) => selectableFields),
  };
}

/** Upstream shows the versions in its own form, as Go writes JSON. */
function ofAll(versions: readonly DefinitionVersion[], shared: Shared, detail: string): StatusCause {
  const shown = versions.map((version) => ({
    Name: version.name,
    Served: version.served,
    Storage: version.storage,
    Deprecated: version.deprecated ?? false,
    DeprecationWarning: version.deprecationWarning ?? null,
    Schema: shared.schema ? null : { OpenAPIV3Schema: version.schema?.openAPIV3Schema ?? null },
    Subresources: shared.subresources ? null : (version.subresources ?? null),
    AdditionalPrinterColumns: shared.columns ? null : (version.additionalPrinterColumns ?? null),
    SelectableFields: shared.selectable ? null : (version.selectableFields ?? null),
  }));
  return { reason: 'FieldValueInvalid', field: 'spec.versions', message: `Invalid value: ${JSON.stringify(shown)}: ${detail}` };
}

function ownCauses(version: DefinitionVersion, at: string, shared: Shared): readonly StatusCause[] {
  const { name, subresources, additionalPrinterColumns } = version;
  const problems = dns1035Problems(name ?? '');
  return [
    ...(problems.length > 0 ? [invalidValue(`${at}.name`, name ?? '', problems.join(','))] : []),
    ...deprecationCauses(version, at),
    ...(shared.schema ? [] : schemaCauses(version, hasStatus(version), `${at}.schema`)),
    ...(shared.subresources ? [] : scaleCauses(subresources?.scale, `${at}.subresources`)),
    ...(shared.columns ? [] : columnCauses(additionalPrinterColumns, `${at}.additionalPrinterColumns`)),
    ...(shared.selectable ? [] : selectableCauses(version, `${at}.selectableFields`)),
  ];
}

const hasStatus = ({ subresources }: DefinitionVersion): boolean => subresources?.status !== undefined;

const warningCharactersMax = 256;

function deprecationCauses({ deprecated = false, deprecationWarning }: DefinitionVersion, at: string): readonly StatusCause[] {
  if (deprecationWarning === undefined) return [];
  const problem = (text: string): StatusCause => invalidValue(`${at}.deprecationWarning`, deprecationWarning, text);
  if (!deprecated) return [problem('can only be set for deprecated versions')];
  const unprintable = deprecationWarning.search(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u);
  return [
    ...(Buffer.byteLength(deprecationWarning) > warningCharactersMax
      ? [problem(`must be <= ${warningCharactersMax} characters long`)]
      : []),
    ...(deprecationWarning === '' ? [problem('must not be an empty string')] : []),
    ...(unprintable < 0
      ? []
      : [problem(`must only contain printable UTF-8 characters; non-printable character found at index ${unprintable}`)]),
  ];
}

/** Beside a status of its own, the root says nothing that could be about status and the rest together. */
const allowedAtRoot: ReadonlyMap<string, string> = new Map([
  ...['Description', 'Type', 'Format', 'Title', 'Maximum', 'ExclusiveMaximum', 'Minimum', 'ExclusiveMinimum', 'MaxLength'].map(keyword),
  ...['MinLength', 'Pattern', 'MaxItems', 'MinItems', 'UniqueItems', 'MultipleOf', 'Required', 'Items', 'Properties'].map(keyword),
  ...['ExternalDocs', 'Example'].map(keyword),
  ['x-kubernetes-preserve-unknown-fields', 'XPreserveUnknownFields'] as const,
  ['x-kubernetes-validations', 'XValidations'] as const,
]);

function keyword(goName: string): readonly [string, string] {
  return [`${goName.charAt(0).toLowerCase()}${goName.slice(1)}`, goName];
}

function schemaCauses({ schema }: DefinitionVersion, withStatus: boolean, at: string): readonly StatusCause[] {
  const root = schema?.openAPIV3Schema;
  if (!isJsonObject(root)) return [];
  return [...(withStatus ? rootCauses(root, `${at}.openAPIV3Schema`) : []), ...validateStructuralSchema(root, `${at}.openAPIV3Schema`)];
}

function rootCauses(root: JsonObject, at: string): readonly StatusCause[] {
  if (root['type'] !== undefined && root['type'] !== 'object')
    return [
      invalidValue(
        `${at}.type`,
        root['type'],
        'only "object" is allowed as the type at the root of the schema if the status subresource is enabled',
      ),
    ];
  const stray = Object.entries(root).some(([name, value]) => !isZero(value) && !allowedAtRoot.has(name));
  const allowed = [...allowedAtRoot.values()].join(' ');
  const detail = `only [${allowed}] fields are allowed at the root of the schema if the status subresource is enabled`;
  return stray ? [invalidValue(at, root, detail)] : [];
}

const isZero = (value: Json | undefined): boolean => value === undefined || value === null || value === false || value === '';

const columnTypes = ['boolean', 'date', 'integer', 'number', 'string'];
const columnFormats = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];

function columnCauses(columns: readonly PrinterColumn[] = [], at: string): readonly StatusCause[] {
  return columns.flatMap(({ name, type, format = '', jsonPath }, index) => {
    const field = `${at}[${index}]`;
    const oneOfTypes = `must be one of ${columnTypes.join(',')}`;
    return [
      ...(name ? [] : [requiredValue(`${field}.name`)]),
      ...(type ? [] : [requiredValue(`${field}.type`, oneOfTypes)]),
      ...(type && !columnTypes.includes(type) ? [invalidValue(`${field}.type`, type, oneOfTypes)] : []),
      ...(format !== '' && !columnFormats.includes(format)
        ? [invalidValue(`${field}.format`, format, `must be one of ${columnFormats.join(',')}`)]
        : []),
      ...(jsonPath ? (jsonPath.startsWith('.') ? [] : [notSimple(`${field}.JSONPath`, jsonPath)]) : [requiredValue(`${field}.JSONPath`)]),
    ];
  });
}

const selectableMax = 8;
const selectableTypes: readonly unknown[] = ['string', 'boolean', 'integer'];

function selectableCauses({ selectableFields = [], schema }: DefinitionVersion, at: string): readonly StatusCause[] {
  const root = schema?.openAPIV3Schema;
  if (!isJsonObject(root)) return [];
  const seen = new Set<string>();
  const causes = selectableFields.flatMap(({ jsonPath = '' }, index) => {
    const field = `${at}[${index}].jsonPath`;
    if (jsonPath === '') return [requiredValue(field)];
    const problem = (text: string): StatusCause => invalidValue(field, jsonPath, text);
    if (jsonPath.includes('[')) return [problem('is an invalid path: array notation is not allowed')];
    const path = rulePath(jsonPath, withMeta(root));
    if (path === undefined) return [problem('is an invalid path: does not refer to a valid field')];
    const isTwice = seen.has(path);
    seen.add(path);
    return [
      ...(path.startsWith('metadata.') || path === 'metadata' ? [problem('must not point to fields in metadata')] : []),
      ...(selectableTypes.includes(typeAt(path, root))
        ? []
        : [problem('must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.')]),
      ...(isTwice ? [duplicateValue(field, jsonPath)] : []),
    ];
  });
  return seen.size > selectableMax ? [...causes, tooMany(at, seen.size, selectableMax)] : causes;
}

/** The places that every object has, though its schema need not say so. */
function withMeta(root: JsonObject): JsonObject {
  return { ...root, properties: { metadata: { type: 'object', properties: { name: { type: 'string' } } }, ...propertiesOf(root) } };
}

function typeAt(path: string, root: JsonObject): Json | undefined {
  let at: JsonObject | undefined = root;
  for (const name of path.split('.')) at = at && Object.hasOwn(propertiesOf(at), name) ? propertiesOf(at)[name] : undefined;
  return at?.['type'];
}
