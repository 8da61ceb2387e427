import { parseJson } from '#json';
import { groupResource, statusFailure, yamlText, type Json, type KubeObject } from '#kube';
import type { StoredObject } from '#workspace';
import { authorised, namespaceOf, refused, type Asking } from '../asking.ts';
import type { VersionNames } from '../schema/names.ts';
import { positionOf, reached } from './list.ts';

export type GetArguments = { readonly name: string; readonly namespace?: string | null; readonly resourceVersion?: string | null };

export async function resolveGet(names: VersionNames, args: GetArguments, asking: Asking): Promise<KubeObject> {
  return (await found(names, args, asking)).object;
}

/** The object as YAML, as `kubectl get -o yaml` shows it. */
export async function resolveYaml(names: VersionNames, args: GetArguments, asking: Asking): Promise<string> {
  return yamlText(parseJson((await found(names, args, asking)).text) as Json);
}

async function found(names: VersionNames, args: GetArguments, asking: Asking): Promise<StoredObject> {
  const { kind, version } = names;
  const { name } = args;
  const namespace = namespaceOf(names, args.namespace);
  authorised(asking, names, 'get', { namespace, name });
  const object = await asking.visit.workspace.get({ kind, version: version.name, namespace, name });
  const asked = positionOf(args.resourceVersion);
  if (asked !== undefined) await reached(asked, names, asking);
  if (object !== undefined) return object;
  const { group, resource } = kind;
  const message = `${groupResource(kind)} ${JSON.stringify(name)} not found`;
  throw refused(statusFailure('NotFound', message, { name, ...(group === '' ? {} : { group }), kind: resource }));
}
