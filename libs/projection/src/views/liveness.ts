import { eventHeadOf, statusOf, type AccountEvent, type ObjectEvent } from '#account';
import type { BoundProvider } from '#kube';
import type { RecordedEvent } from '#stream';
import type { Projection, RowChange } from '../projection.ts';

/**
 * An order that its provider has not answered yet, by the instance's workspace and uid; and, where both are empty, the provider's last
 * report about any order.
 */
export type LivenessRow = {
  readonly providerCluster: string;
  readonly providerExport: string;
  readonly cluster: string;
  readonly uid: string;
  /** Of the order, or of the report. RFC 3339, milliseconds. */
  readonly at: string;
  readonly position: bigint;
};

type Key = 'providerCluster' | 'providerExport' | 'cluster' | 'uid';
type Changes = readonly RowChange<LivenessRow, Key>[];

/** Which providers have last been heard of when, and who waits for them. */
export const livenessView: Projection<LivenessRow, Key> = {
  table: 'liveness',
  key: ['providerCluster', 'providerExport', 'cluster', 'uid'],
  concerns: (recorded) => recorded.type === 'WorkspaceClosed' || (talkedOf.has(recorded.type) && mayBeOrdered(recorded)),
  changes({ cluster, position, event }) {
    switch (event.type) {
      case 'ResourceDeclared':
      case 'SpecRevised':
      case 'DeletionRequested':
        return event.provider ? [ordered(event.provider, { cluster, uid: event.uid, at: event.by.at, position })] : [];
      case 'StatusReported':
        return event.provider && event.sequence !== undefined ? answered(event.provider, { cluster, event, position }) : [];
      case 'ResourceRemoved':
        return removed(cluster, event);
      case 'WorkspaceClosed':
        return [
          { type: 'drop', where: { cluster } },
          { type: 'drop', where: { providerCluster: cluster } },
        ];
      case 'WorkspaceOpened':
      case 'WorkspaceClosing':
      case 'MetadataRevised':
      case 'ApiBound':
      case 'ApiUnbound':
        return [];
    }
  },
};

const talkedOf: ReadonlySet<string> = new Set<AccountEvent['type']>([
  'ResourceDeclared',
  'SpecRevised',
  'StatusReported',
  'DeletionRequested',
  'ResourceRemoved',
]);

function mayBeOrdered({ data, decoded }: RecordedEvent): boolean {
  if (decoded === undefined) return data.includes('"provider":{') || data.includes('"resource":"apiexports"');
  const { provider, key } = eventHeadOf({ data, decoded });
  return provider !== undefined || key?.resource === 'apiexports';
}

const exportOf = ({ cluster, export: name }: BoundProvider) => ({ providerCluster: cluster, providerExport: name });

const ordered = (provider: BoundProvider, order: Pick<LivenessRow, 'cluster' | 'uid' | 'at' | 'position'>): Changes[number] => ({
  type: 'put',
  row: { ...exportOf(provider), ...order },
});

type Report = { readonly cluster: string; readonly event: ObjectEvent; readonly position: bigint };

/** An answer to an older generation is a sign of life, and no answer. What is being deleted waits until it is gone. */
function answered(provider: BoundProvider, { cluster, event, position }: Report): Changes {
  const { metadata } = event.object;
  const report: Changes[number] = { type: 'put', row: { ...exportOf(provider), cluster: '', uid: '', at: event.by.at, position } };
  const isAnswer = metadata.deletionTimestamp === undefined && statusOf(event.object)['observedGeneration'] === (metadata.generation ?? 1);
  return isAnswer ? [report, { type: 'drop', where: { ...exportOf(provider), cluster, uid: event.uid } }] : [report];
}

function removed(cluster: string, { key, uid, provider }: ObjectEvent): Changes {
  if (provider) return [{ type: 'drop', where: { ...exportOf(provider), cluster, uid } }];
  if (key.resource !== 'apiexports' || key.group !== 'apis.kcp.io') return [];
  return [{ type: 'drop', where: { providerCluster: cluster, providerExport: key.name } }];
}
