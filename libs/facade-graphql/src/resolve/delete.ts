import { authorised, badRequest, namespaceOf, type Asking } from '../asking.ts';
import type { VersionNames } from '../schema/names.ts';
import { deleted, writeRequest, type WriteArguments } from './write.ts';

export type DeleteArguments = WriteArguments & {
  readonly name: string;
  readonly propagationPolicy?: string | null;
  readonly uid?: string | null;
  readonly resourceVersion?: string | null;
};

/** True once it is gone, or waits for its finalizers. */
export async function resolveDelete(names: VersionNames, args: DeleteArguments, asking: Asking): Promise<true> {
  const { name, uid, resourceVersion } = args;
  const namespace = namespaceOf(names, args.namespace);
  const target = { namespace, name };
  authorised(asking, names, 'delete', target);
  const propagation = propagationOf(args.propagationPolicy);
  const { fieldValidation: _, ...request } = writeRequest(names, args, asking);
  const preconditions = {
    ...(typeof uid === 'string' && uid !== '' ? { uid } : {}),
    ...(typeof resourceVersion === 'string' && resourceVersion !== '' ? { resourceVersion } : {}),
  };
  const outcome = await asking.visit.workspace.delete({
    ...request,
    namespace,
    name,
    ...(propagation === undefined ? {} : { propagation }),
    ...(Object.keys(preconditions).length === 0 ? {} : { preconditions }),
  });
  return deleted(outcome, { asking, names, verb: 'delete', target });
}

function propagationOf(policy: string | null | undefined): 'Background' | 'Foreground' | 'Orphan' | undefined {
  if (policy === undefined || policy === null || policy === '') return undefined;
  if (policy === 'Background' || policy === 'Foreground' || policy === 'Orphan') return policy;
  throw badRequest(`propagationPolicy is Foreground, Background or Orphan, not ${JSON.stringify(policy)}`);
}
