import { inVersion, reviseResource, type Change, type Revised } from '#account';
import { givenRefusal } from '../account-access.ts';
import { givenAt } from './given.ts';
import type { PatchRequest, UpdateRequest, WriteOutcome } from '../workspaces.ts';
import { assertChangeable } from './readable.ts';
import { remarks, screening } from './screening.ts';
import { authorOf, rulesFor, shown, stored, versionOf, type VerbContext } from './verb-context.ts';

/** What update and patch share: only how the wanted object comes about differs. */
export async function revise(
  context: VerbContext,
  request: UpdateRequest | PatchRequest,
  change: Change,
  duplicateFields: readonly string[],
): Promise<WriteOutcome> {
  const { account, ports } = context;
  const { kind, version, namespace, name, fieldValidation, subresource } = request;
  const key = { group: kind.group, resource: kind.resource, namespace, name };
  if (givenAt(context, kind, namespace, name)) {
    return { type: 'refused', refusal: givenRefusal(key), warnings: [] };
  }
  assertChangeable(account.state.find(key), account);
  const by = authorOf(request.author, ports.now());
  const screened = screening(context, request);
  const intent = {
    screen: screened.screen,
    kind,
    version: versionOf(kind, version),
    namespace,
    name,
    fieldValidation,
    subresource,
    rules: rulesFor(context, kind, request.author),
    by,
    change,
    duplicateFields,
  };
  let revised: Revised | undefined;
  const decide = (state: typeof account.state) => (revised = reviseResource(intent, state)).decision;

  const outcome = request.dryRun ? decide(account.state) : await account.submit(decide);
  const object = revised?.object;
  const said = remarks(revised?.warnings, screened);
  if (outcome.type === 'refused') return { ...outcome, ...said };
  if (!object) throw new Error('a revised resource has an object');
  const uid = object.metadata.uid ?? '';
  const record = account.state.findByUid(uid);
  // What was only tried has not moved: it keeps its resourceVersion.
  const position = request.dryRun && record ? record.position : BigInt(object.metadata.resourceVersion ?? 0);
  const made = record && record.position === position && !request.dryRun ? stored(record, kind, version) : undefined;
  const answered = { ...object, metadata: { ...object.metadata, resourceVersion: String(position) } };
  return { type: 'committed', object: made ?? shown({ uid, position }, inVersion(kind, answered, version)), created: false, ...said };
}
