import type { KubeObject } from '../kube-object.ts';
import type { PrinterColumn, ServedVersion } from '../served-kind.ts';
import { humanDuration } from './human-duration.ts';
import { compileJsonPath, type JsonPath } from './json-path.ts';

/** https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables */
export type TableColumnDefinition = {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  readonly priority: number;
};
export type TableCell = string | number | bigint | boolean | null;
export type IncludeObject = 'Metadata' | 'Object' | 'None';
export type TableRow = { readonly cells: readonly TableCell[]; readonly object?: unknown };
export type TableVersion = 'v1' | 'v1beta1';

/** Columns made ready once per version of a kind. */
export type TableColumns = {
  readonly definitions: readonly TableColumnDefinition[];
  /** Of the columns after the name, or of all where the name does not come first. */
  readonly cells: readonly CellReader[];
  readonly nameElsewhere?: boolean;
};
type CellReader = { readonly type: PrinterColumn['type']; readonly find: JsonPath | ((object: KubeObject) => unknown) };

/** The columns of a version as a Table shows them, Name first unless the kind says where. Made once for each version. */
export function tableColumns(version: ServedVersion): TableColumns {
  const known = columnsOf.get(version);
  if (known !== undefined) return known;
  const columns = version.columns.length === 0 ? [ageColumn] : version.columns;
  const made: TableColumns = columns.some(isNameElsewhere)
    ? inTheirOrder(columns)
    : {
        definitions: [nameDefinition, ...columns.filter(isNotName).map(toDefinition)],
        cells: columns.filter(isNotName).map(toReader),
      };
  columnsOf.set(version, made);
  return made;
}

/** One row: the name, then a cell per column. `now` is in milliseconds. */
export function tableRow(
  { cells, nameElsewhere }: TableColumns,
  object: KubeObject,
  include: IncludeObject,
  shown: { readonly now: number; readonly version: TableVersion },
): TableRow {
  const values = cells.map(({ type, find }) => cellOf(type, find(object), shown.now));
  const row = { cells: nameElsewhere ? values : [object.metadata.name ?? '', ...values] };
  switch (include) {
    case 'None':
      return row;
    case 'Object':
      return { ...row, object };
    case 'Metadata':
      return { ...row, object: partialObjectMetadata(object, shown.version) };
  }
}

/** https://kubernetes.io/docs/reference/using-api/api-concepts/#metadata-only-fetches */
export function partialObjectMetadata(
  { metadata }: KubeObject,
  version: TableVersion,
): { kind: string; apiVersion: string; metadata: KubeObject['metadata'] } {
  return { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${version}`, metadata };
}

const columnsOf = new WeakMap<ServedVersion, TableColumns>();

const nameDefinition: TableColumnDefinition = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description:
    'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names',
  priority: 0,
};

/** What a kind without columns of its own shows beside the name. */
export const ageColumn: PrinterColumn = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
  description:
    'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata',
};

/** The first column is always the name; a built-in that lists it again means that one. */
const isNotName = (column: PrinterColumn): boolean => column.jsonPath !== '.metadata.name' || column.name !== 'Name';

/** Few kinds have something more telling than their name: Events show it only to those who want to see all. */
const isNameElsewhere = (column: PrinterColumn): boolean => !isNotName(column) && (column.priority ?? 0) > 0;

const inTheirOrder = (columns: readonly PrinterColumn[]): TableColumns => ({
  definitions: columns.map(toDefinition),
  cells: columns.map(toReader),
  nameElsewhere: true,
});

const toReader = ({ type, jsonPath, read }: PrinterColumn): CellReader => ({
  type,
  find: read ?? compileJsonPath(jsonPath),
});

function toDefinition({ name, type, format = '', description, priority = 0, jsonPath }: PrinterColumn): TableColumnDefinition {
  return {
    name,
    type,
    format,
    description: description ?? `Custom resource definition column (in JSONPath format): ${jsonPath}`,
    priority,
  };
}

function cellOf(type: PrinterColumn['type'], value: unknown, now: number): TableCell {
  if (value === undefined || value === null) return null;
  switch (type) {
    case 'integer':
      return typeof value === 'bigint' ? value : typeof value === 'number' ? Math.trunc(value) : null;
    case 'number':
      return typeof value === 'bigint' || typeof value === 'number' ? Number(value) : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'date':
      return typeof value === 'string' ? ageOf(value, now) : null;
    case 'string':
      return typeof value === 'object' ? JSON.stringify(value) : String(value as string | number | bigint | boolean);
  }
}

function ageOf(timestamp: string, now: number): string {
  const began = Date.parse(timestamp);
  return Number.isNaN(began) ? '<invalid>' : humanDuration(now - began);
}
