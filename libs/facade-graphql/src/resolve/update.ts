import type { GraphQLInputObjectType } from 'graphql';
import type { JsonObject, KubeObject } from '#kube';
import { authorised, badRequest, namespaceOf, type Asking } from '../asking.ts';
import { inputJson } from '../schema/input-json.ts';
import type { VersionNames } from '../schema/names.ts';
import { whyNotCreate, writeRequest, written, type WriteArguments } from './write.ts';

export type UpdateArguments = WriteArguments & {
  readonly name: string;
  readonly object: unknown;
  readonly resourceVersion?: string | null;
};

/** A JSON merge patch of an object or of its status: what is null goes, what is not named stays. */
export async function resolveUpdate(
  { names, input, subresource }: { readonly names: VersionNames; readonly input: GraphQLInputObjectType; readonly subresource?: 'status' },
  args: UpdateArguments,
  asking: Asking,
): Promise<KubeObject> {
  const { name } = args;
  const namespace = namespaceOf(names, args.namespace);
  const target = { namespace, name, ...(subresource === undefined ? {} : { subresource }) };
  authorised(asking, names, 'patch', target);
  const patch = onlyOf(inputJson(input, args.object), args.resourceVersion);
  const outcome = await asking.visit.workspace.patch({
    ...writeRequest(names, args, asking),
    namespace,
    name,
    patch: { type: 'merge', patch, duplicateFields: [] },
    whyNotCreate: whyNotCreate(asking, names, target),
    ...(subresource === undefined ? {} : { subresource }),
  });
  return written(outcome, { asking, names, verb: 'patch', target, input });
}

/** The patch of this very version of the object, where one is named: whoever was faster is not overwritten. */
function onlyOf(patch: JsonObject, resourceVersion: string | null | undefined): JsonObject {
  if (resourceVersion === undefined || resourceVersion === null || resourceVersion === '') return patch;
  const metadata = (patch['metadata'] ?? {}) as JsonObject;
  const own = metadata['resourceVersion'];
  if (own !== undefined && own !== null && own !== resourceVersion)
    throw badRequest('resourceVersion is another than in the metadata of the object');
  return { ...patch, metadata: { ...metadata, resourceVersion } };
}
