import { parseJson } from '#json';
import { groupResource, statusFailure, yamlText, type Json, type KubeObject } from '#kube';
import type { StoredObject } from '#workspace';
import { authorised, namespaceOf, refused, type Asking } from '../asking.ts';
import type { VersionNames } from '../schema/names.ts';
import { momentOf, pastOf, type Moment } from '../portal/moment.ts';
import { reached } from './list.ts';
import { positionOf } from './position.ts';

export type GetArguments = {
  readonly name: string;
  readonly namespace?: string | null;
  readonly resourceVersion?: string | null;
  readonly at?: Moment | null;
};

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
  const at = momentOf(args.at);
  const object =
    at === undefined
      ? await asking.visit.workspace.get({ kind, version: version.name, namespace, name })
      : (await pastOf(names, at, { namespace, name }, asking)).items[0];
  const asked = positionOf(args.resourceVersion);
  if (asked !== undefined) await reached(asked, names, asking);
  if (object !== undefined) return object;
  const { group, resource } = kind;
  const message = `${groupResource(kind)} ${JSON.stringify(name)} not found`;
  throw refused(statusFailure('NotFound', message, { name, ...(group === '' ? {} : { group }), kind: resource }));
}
