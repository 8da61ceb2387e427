import { inVersion, requestDeletion } from '#account';
import { givenRefusal } from '../account-access.ts';
import { rulesOf } from '../kinds/rules.ts';
import type { DeleteOutcome, DeleteRequest } from '../workspaces.ts';
import { comesBack, givenAt } from './given.ts';
import { remarks, screening } from './screening.ts';
import { authorOf, shown, type VerbContext } from './verb-context.ts';

export async function remove(context: VerbContext, request: DeleteRequest): Promise<DeleteOutcome> {
  const { account, ports } = context;
  const { kind, version, namespace, name, preconditions, propagation, dryRun } = request;
  const key = { group: kind.group, resource: kind.resource, namespace, name };
  const given = givenAt(context, kind, namespace, name);
  if (given) return comesBack(given) ? { type: 'removed', object: given } : { type: 'refused', refusal: givenRefusal(key) };
  const screened = screening(context, request);
  const intent = {
    key,
    screen: screened.screen,
    kindName: kind.kind,
    hasGeneration: kind.hasGeneration,
    rules: rulesOf(kind),
    preconditions,
    propagation,
    by: authorOf(request.author, ports.now()),
  };
  let requested: ReturnType<typeof requestDeletion> | undefined;
  const decide = (state: typeof account.state) => (requested = requestDeletion(intent, state)).decision;
  const outcome = dryRun ? decide(account.state) : await account.submit(decide);
  const said = remarks([], screened);
  if (outcome.type === 'refused') return { ...outcome, ...said };
  if (!requested?.object) throw new Error('a deletion that was not refused has an object');
  const { object, gone } = requested;
  const answer = shown(
    { uid: object.metadata.uid ?? '', position: BigInt(object.metadata.resourceVersion ?? 0) },
    inVersion(kind, object, version),
  );
  return { type: gone ? 'removed' : 'terminating', object: answer, ...said };
}
