import type { ObjectEvent } from '#account';
import type { KubeObject } from '#kube';
import type { Projection } from '../projection.ts';
import { mayConcern } from './concerning.ts';
import { timeOf } from './time-of.ts';

/** What each row of such a view has: its place, and where in the log it is from. */
export type KindRow = { readonly cluster: string; readonly name: string; readonly position: bigint };

type KindView<Row extends KindRow> = {
  readonly table: string;
  readonly group: string;
  readonly resource: string;
  readonly rowOf: (event: ObjectEvent) => Omit<Row, 'cluster' | 'position'>;
};

/** A view with a row for each object of one kind without namespaces. */
export function kindView<Row extends KindRow>({ table, group, resource, rowOf }: KindView<Row>): Projection<Row, 'cluster' | 'name'> {
  const isOurs = ({ key }: ObjectEvent): boolean => key.resource === resource && key.group === group;
  return {
    table,
    key: ['cluster', 'name'],
    concerns: (recorded) => recorded.type === 'WorkspaceClosed' || mayConcern(recorded, resource),
    changes({ cluster, position, event }) {
      switch (event.type) {
        case 'ResourceDeclared':
        case 'SpecRevised':
        case 'MetadataRevised':
        case 'StatusReported':
        case 'DeletionRequested':
        case 'ApiBound':
          return isOurs(event) ? [{ type: 'put', row: { ...rowOf(event), cluster, position } as Row }] : [];
        case 'ResourceRemoved':
          return isOurs(event) ? [{ type: 'drop', where: { cluster, name: event.key.name } as Partial<Row> }] : [];
        case 'WorkspaceClosed':
          return [{ type: 'drop', where: { cluster } as Partial<Row> }];
        case 'WorkspaceOpened':
        case 'WorkspaceClosing':
        case 'ApiUnbound':
          return [];
      }
    },
  };
}

/** When an object began, and when its deletion did. */
export const timesOf = ({ metadata }: KubeObject): { readonly created: string | null; readonly deleting: string | null } => ({
  created: timeOf(metadata.creationTimestamp),
  deleting: timeOf(metadata.deletionTimestamp),
});
