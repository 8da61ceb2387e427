import type { GraphQLInputObjectType } from 'graphql';
import type { KubeObject } from '#kube';
import { authorised, badRequest, namespaceOf, type Asking } from '../asking.ts';
import { inputJson } from '../schema/input-json.ts';
import type { VersionNames } from '../schema/names.ts';
import { ofKind, whyNotCreate, writeRequest, written, type WriteArguments } from './write.ts';

export type ApplyArguments = WriteArguments & { readonly name?: string | null; readonly object: unknown; readonly force?: boolean | null };

/** Server-side apply: whoever applies owns what they name, and creates what is not there. */
export async function resolveApply(
  names: VersionNames,
  input: GraphQLInputObjectType,
  args: ApplyArguments,
  asking: Asking,
): Promise<KubeObject> {
  const config = ofKind(names, inputJson(input, args.object));
  const name = args.name ?? config.metadata.name ?? '';
  if (name === '') throw badRequest('a name is missing: in the argument "name", or in the metadata of the object');
  const namespace = namespaceOf(names, args.namespace ?? config.metadata.namespace);
  return applied({ names, input, asking }, { ...args, namespace, name }, config);
}

type Applying = { readonly names: VersionNames; readonly input?: GraphQLInputObjectType; readonly asking: Asking };
type Placed = WriteArguments & { readonly namespace: string; readonly name: string; readonly force?: boolean | null };

export async function applied({ names, input, asking }: Applying, args: Placed, config: KubeObject): Promise<KubeObject> {
  const { namespace, name, force } = args;
  const target = { namespace, name };
  authorised(asking, names, 'patch', target);
  const outcome = await asking.visit.workspace.patch({
    ...writeRequest(names, args, asking),
    namespace,
    name,
    patch: { type: 'apply', config, force: force === true },
    whyNotCreate: whyNotCreate(asking, names, target),
  });
  return written(outcome, { asking, names, verb: 'apply', target, ...(input === undefined ? {} : { input }) });
}
