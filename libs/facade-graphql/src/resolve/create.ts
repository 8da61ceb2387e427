import type { GraphQLInputObjectType } from 'graphql';
import type { KubeObject } from '#kube';
import { authorised, namespaceOf, type Asking } from '../asking.ts';
import { inputJson } from '../schema/input-json.ts';
import type { VersionNames } from '../schema/names.ts';
import { ofKind, writeRequest, written, type WriteArguments } from './write.ts';

export type CreateArguments = WriteArguments & { readonly object: unknown };

export async function resolveCreate(
  names: VersionNames,
  input: GraphQLInputObjectType,
  args: CreateArguments,
  asking: Asking,
): Promise<KubeObject> {
  const body = ofKind(names, inputJson(input, args.object));
  const namespace = namespaceOf(names, args.namespace ?? body.metadata.namespace);
  authorised(asking, names, 'create', { namespace, name: '' });
  const request = writeRequest(names, args, asking);
  const outcome = await asking.visit.workspace.create({ ...request, namespace, body, duplicateFields: [] });
  const name = outcome.type === 'committed' ? outcome.object.name : (body.metadata.name ?? '');
  return written(outcome, { asking, names, verb: 'create', target: { namespace, name }, input });
}
