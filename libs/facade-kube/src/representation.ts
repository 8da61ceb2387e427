import { parseJson } from '#json';
import {
  partialObjectMetadata,
  statusFailure,
  tableColumns,
  tableRow,
  yamlText,
  type IncludeObject,
  type Representation,
  type StatusFailure,
  type TableColumns,
  type TableVersion,
} from '#kube';
import type { StoredObject } from '#workspace';
import type { ResourceExchange } from './exchange.ts';

/** How one request wants its objects shown. Made once per request, asked once per object. */
export type View = {
  readonly isYaml: boolean;
  /** undefined shows whole objects. */
  readonly table: TableView | undefined;
  readonly metadata: TableVersion | undefined;
};

export type TableView = { readonly columns: TableColumns; readonly include: IncludeObject; readonly version: TableVersion };

export function viewOf(exchange: Pick<ResourceExchange, 'representation' | 'version' | 'path'>): View {
  const { mediaType, transform }: Representation = exchange.representation;
  const isYaml = mediaType === 'yaml';
  if (transform === undefined) return isYaml ? wholeYaml : wholeJson;
  const version: TableVersion = transform.version === 'v1beta1' ? 'v1beta1' : 'v1';
  if (transform.kind !== 'Table') return { isYaml, table: undefined, metadata: version };
  const include = exchange.path.query.get('includeObject');
  return {
    isYaml,
    table: { columns: tableColumns(exchange.version), include: include === 'None' || include === 'Object' ? include : 'Metadata', version },
    metadata: undefined,
  };
}

/** Whether the request can be shown what it asks for; a list is not an object, and the other way round. */
export function viewFault({ representation, path }: Pick<ResourceExchange, 'representation' | 'path'>): StatusFailure | undefined {
  const kind = representation.transform?.kind;
  const isList = path.verb === 'list' || path.verb === 'deletecollection';
  if (kind === 'PartialObjectMetadata' && isList)
    return statusFailure('NotAcceptable', 'you requested PartialObjectMetadata, but the requested object is a list');
  if (kind === 'PartialObjectMetadataList' && !isList && path.verb !== 'watch')
    return statusFailure('NotAcceptable', 'you requested PartialObjectMetadataList, but the requested object is not a list');
  const include = path.query.get('includeObject') ?? '';
  if (kind === 'Table' && include !== '' && !['None', 'Metadata', 'Object'].includes(include))
    return statusFailure(
      'BadRequest',
      `includeObject: Invalid value: ${JSON.stringify(include)}: must be 'Metadata', 'Object', 'None', or empty`,
    );
  return undefined;
}

/** One object as the body of an answer, in JSON. */
export function objectText(object: StoredObject, view: View): string {
  if (view.table !== undefined) {
    const resourceVersion = object.object.metadata.resourceVersion;
    return `${tableHead(view.table, { resourceVersion })},"rows":[${rowText(object, view.table)}]}`;
  }
  return view.metadata === undefined ? object.text : metadataText(object, view.metadata);
}

/** One object as an item of a list, in JSON: itself, its metadata, or its row. */
export function itemText(object: StoredObject, view: View): string {
  if (view.table !== undefined) return rowText(object, view.table);
  return view.metadata === undefined ? object.text : metadataText(object, view.metadata);
}

/** A Table up to its rows, without the closing brace. `columns: false` is how a watch says that they are the same as before. */
export function tableHead(table: TableView, metadata: object, columns = true): string {
  const definitions = columns ? JSON.stringify(table.columns.definitions) : 'null';
  return `{"kind":"Table","apiVersion":"meta.k8s.io/${table.version}","metadata":${JSON.stringify(metadata)},"columnDefinitions":${definitions}`;
}

export function rowText(object: StoredObject, { columns, include, version }: TableView): string {
  return JSON.stringify(tableRow(columns, object.object, include, { now: Date.now(), version }));
}

export function metadataText(object: StoredObject, version: TableVersion): string {
  return JSON.stringify(partialObjectMetadata(object.object, version));
}

export const asYaml = (jsonText: string): string => yamlText(parseJson(jsonText));

const wholeJson: View = { isYaml: false, table: undefined, metadata: undefined };
const wholeYaml: View = { isYaml: true, table: undefined, metadata: undefined };
