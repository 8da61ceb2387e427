import type { Change } from '#account';
import type { UpdateRequest, WriteOutcome } from '../workspaces.ts';
import { create } from './create.ts';
import { givenAt } from './given.ts';
import { revise } from './revise.ts';
import type { VerbContext } from './verb-context.ts';

export async function update(context: VerbContext, request: UpdateRequest): Promise<WriteOutcome> {
  if (request.kind.createdByUpdate === true && request.subresource === undefined) {
    const made = await madeByUpdate(context, request);
    if (made) return made;
  }
  const change: Change = { type: 'replace', body: request.body };
  return revise(context, request, change, request.duplicateFields);
}

/** Undefined where there is such an object, or somebody else was faster. */
async function madeByUpdate(context: VerbContext, request: UpdateRequest): Promise<WriteOutcome | undefined> {
  const { kind, namespace, name, body } = request;
  const { account } = context;
  const key = { group: kind.group, resource: kind.resource, namespace: kind.namespaced ? namespace : '', name };
  if (!account.fresh) await account.freshen();
  if (account.state.find(key) || givenAt(context, kind, key.namespace, name)) return undefined;
  const refused = (refusal: Extract<WriteOutcome, { type: 'refused' }>['refusal']) => ({ type: 'refused', refusal, warnings: [] }) as const;
  const notGranted = request.whyNotCreate?.();
  if (notGranted !== undefined) return refused({ type: 'CreationNotGranted', key, message: notGranted });
  // Whoever names a uid means an object that was there once.
  if (body.metadata.uid) return refused({ type: 'ResourceMoved', key });
  const { resourceVersion: _, generateName: __, ...metadata } = body.metadata;
  const made = await create(context, { ...request, body: { ...body, metadata: { ...metadata, name: metadata.name ?? name } } });
  return made.type === 'refused' && made.refusal.type === 'ResourceExists' ? undefined : made;
}
