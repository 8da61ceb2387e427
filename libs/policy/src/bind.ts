import { bindApi, noteStatus, refusedStatus, type AccountEvent, type BoundResource } from '#account';
import type { DefinitionNames, KubeObject } from '#kube';
import type { ApiSchema } from '#provider';
import { builtinKind, builtinNames, exportOf, type AccountActor, type House } from '#workspace';
import { claimExportName } from './claim-export-name.ts';
import { policyAuthor, type Where } from './reaction.ts';
import { waitFor } from './waiting.ts';

type Declared = Extract<AccountEvent, { type: 'ResourceDeclared' }>;
type Unbindable = { readonly reason: string; readonly message: string };

/** Names have become free in a workspace: the bindings there that were refused for them are tried again. */
export async function bindRefused(house: House, { cluster, cause }: Where): Promise<void> {
  const consumer = await house.accounts.account(cluster);
  await consumer.settled();
  const { state } = consumer;
  const refused = state.list('apibindings.apis.kcp.io').filter(({ name, deleting }) => !deleting && !state.bindings.has(name));
  for (const { key, uid } of refused) await bind(house, { key, uid }, { cluster, cause });
}

/** A binding was ordered: the export is looked up, and from then on the workspace serves it, or the binding says why not. */
export async function bind(house: House, { key, uid }: Pick<Declared, 'key' | 'uid'>, { cluster, cause }: Where): Promise<void> {
  const consumer = await house.accounts.account(cluster);
  await consumer.settled();
  const record = consumer.state.find(key);
  if (record?.uid !== uid || record.deleting || consumer.state.bindings.has(key.name)) return;
  const by = policyAuthor(house, cause);
  const kind = builtinKind('apibindings.apis.kcp.io');
  const { path = '', name = '' } = exportOf(record.object);
  const found = await house.findExport(path, name);
  const offer = found ? await offerOf(house, found) : { reason: 'APIExportNotFound', message: `export ${path}:${name} was not found` };
  if ('reason' in offer) {
    if (found) await waitFor(house, found.provider.state.cluster, { cluster, key, uid });
    await consumer.submit((state) =>
      noteStatus(
        { key, uid, kind, by, status: (object) => refusedStatus(object, { condition: 'APIExportValid', ...offer }, by.at) },
        state,
      ),
    );
    return;
  }
  const { names, ...offered } = offer;
  const api = { binding: key.name, ...offered };
  await consumer.submit((state) => bindApi({ key, uid, kind, api, names, builtins: builtinNames, by }, state));
}

type Offer = {
  readonly provider: NonNullable<Declared['provider']>;
  readonly resources: readonly BoundResource[];
  readonly names: readonly DefinitionNames[];
};

async function offerOf(
  house: House,
  { provider, apiExport }: { readonly provider: AccountActor; readonly apiExport: KubeObject },
): Promise<Offer | Unbindable> {
  const { name = '' } = apiExport.metadata;
  const { cluster } = provider.state;
  if (!(await claimExportName(house, name, cluster))) {
    return { reason: 'ExportNameTaken', message: `another provider offers an export named ${name}, and topics are named after it` };
  }
  const { resources = [] } = (apiExport.spec ?? {}) as {
    readonly resources?: readonly { readonly group: string; readonly name: string; readonly schema: string }[];
  };
  if (resources.length === 0) return { reason: 'NothingExported', message: `export ${name} names no resources` };
  const plurals = resources.map((resource) => resource.name);
  if (new Set(plurals).size < plurals.length) {
    return { reason: 'PluralsNotUnique', message: `export ${name} has one plural in two groups, and topics are named after the plural` };
  }
  const bound: BoundResource[] = [];
  const names: DefinitionNames[] = [];
  for (const { group, name: resource, schema } of resources) {
    const record = provider.state.find({ group: 'apis.kcp.io', resource: 'apiresourceschemas', namespace: '', name: schema });
    if (!record) return { reason: 'APIResourceSchemaNotFound', message: `export ${name} names the schema ${schema}, which does not exist` };
    const spec = record.object.spec as unknown as ApiSchema;
    if (spec.group !== group || spec.names.plural !== resource) {
      return {
        reason: 'APIResourceSchemaInvalid',
        message: `schema ${schema} is of ${spec.names.plural}.${spec.group}, not of ${resource}.${group}`,
      };
    }
    const schemaHash = await house.shelf.publish(spec);
    const storageVersions = spec.versions.filter(({ storage }) => storage).map(({ name: version }) => version);
    const { kind } = spec.names;
    names.push({ ...spec.names, singular: spec.names.singular ?? kind.toLowerCase(), listKind: spec.names.listKind ?? `${kind}List` });
    bound.push({ group, resource, schemaHash, schemaName: schema, schemaUid: record.uid, storageVersions });
  }
  const { identityHash = '' } = (apiExport.status ?? {}) as { readonly identityHash?: string };
  return { provider: { cluster, export: name, identityHash }, resources: bound, names };
}
