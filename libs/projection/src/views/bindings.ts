import type { ObjectEvent } from '#account';
import { healthOf, type HealthWord } from '#kube';
import { kindView, timesOf } from './kind-view.ts';

/** An APIBinding. Times are RFC 3339. */
export type BindingRow = {
  readonly cluster: string;
  readonly name: string;
  readonly uid: string;
  readonly exportPath: string;
  readonly exportName: string;
  /** Of the provider's workspace; null until it was bound. */
  readonly exportCluster: string | null;
  readonly phase: string;
  /** What the workspace serves because of it. */
  readonly resources: readonly { readonly group: string; readonly resource: string }[];
  readonly health: HealthWord;
  readonly reason: string;
  readonly created: string | null;
  readonly deleting: string | null;
  readonly position: bigint;
};

/** Who binds whose APIs. */
export const bindingsView = kindView<BindingRow>({ table: 'bindings', group: 'apis.kcp.io', resource: 'apibindings', rowOf });

type Spec = { readonly reference?: { readonly export?: { readonly path?: string; readonly name?: string } } };
type Status = {
  readonly phase?: string;
  readonly apiExportClusterName?: string;
  readonly boundResources?: readonly unknown[];
};

function rowOf({ key, uid, object }: ObjectEvent): Omit<BindingRow, 'cluster' | 'position'> {
  const { path = '', name = '' } = ((object.spec ?? {}) as Spec).reference?.export ?? {};
  const { phase = '', apiExportClusterName = null, boundResources = [] } = (object.status ?? {}) as Status;
  const { word, reason } = healthOf(object, 'mesh');
  const resources = boundResources.filter(isResource).map(({ group, resource }) => ({ group, resource }));
  const place = { name: key.name, uid, exportPath: path, exportName: name, exportCluster: apiExportClusterName };
  return { ...place, phase, resources, health: word, reason, ...timesOf(object) };
}

/** Schemas leave open what stands there. */
function isResource(value: unknown): value is BindingRow['resources'][number] {
  const { group, resource } = (value ?? {}) as Partial<BindingRow['resources'][number]>;
  return typeof group === 'string' && typeof resource === 'string';
}
