import { eventHeadOf, textOf, type ObjectEvent } from '#account';
import type { RecordedEvent } from '#stream';
import type { Projection, RowChange } from '../projection.ts';

/** An object with which a provider presents a service. `object` is its JSON text, as it is served. */
export type CatalogueRow = {
  readonly cluster: string;
  readonly kind: CatalogueKind;
  readonly name: string;
  readonly uid: string;
  readonly object: string;
  readonly position: bigint;
};

export type CatalogueKind = 'APIExport' | 'ProviderMetadata';
type Key = 'cluster' | 'kind' | 'name';

/** The resources that the catalogue shows, by `resource.group`. */
const kinds: Readonly<Record<string, CatalogueKind>> = {
  'apiexports.apis.kcp.io': 'APIExport',
  'providermetadatas.ui.platform-mesh.io': 'ProviderMetadata',
};

/** What every provider offers: the exports and how they are presented. */
export const catalogueView: Projection<CatalogueRow, Key> = {
  table: 'catalogue',
  key: ['cluster', 'kind', 'name'],
  concerns: (recorded) => recorded.type === 'WorkspaceClosed' || mayShow(recorded),
  changes({ cluster, position, event }) {
    switch (event.type) {
      case 'ResourceDeclared':
      case 'SpecRevised':
      case 'MetadataRevised':
      case 'StatusReported':
      case 'DeletionRequested':
      case 'ApiBound':
        return put(cluster, position, event);
      case 'ResourceRemoved': {
        const kind = kindOf(event);
        return kind ? [{ type: 'drop', where: { cluster, kind, name: event.key.name } }] : [];
      }
      case 'WorkspaceClosed':
        return [{ type: 'drop', where: { cluster } }];
      case 'WorkspaceOpened':
      case 'WorkspaceClosing':
      case 'ApiUnbound':
        return [];
    }
  },
};

/** An event that its writer has just handed on says which resource it is about; in a text, only the words are looked for. */
function mayShow({ data, decoded }: RecordedEvent): boolean {
  if (decoded === undefined) return data.includes('apiexports') || data.includes('providermetadatas');
  const { key } = eventHeadOf({ data, decoded });
  return key?.resource === 'apiexports' || key?.resource === 'providermetadatas';
}

function put(cluster: string, position: bigint, event: ObjectEvent): RowChange<CatalogueRow, Key>[] {
  const kind = kindOf(event);
  if (!kind) return [];
  return [{ type: 'put', row: { cluster, kind, name: event.key.name, uid: event.uid, object: textOf(event.object), position } }];
}

const kindOf = ({ key }: ObjectEvent): CatalogueKind | undefined => kinds[`${key.resource}.${key.group}`];
