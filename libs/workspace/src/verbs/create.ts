import { declareResource, inVersion, type Declared } from '#account';
import type { KubeObject } from '#kube';
import type { CreateRequest, WriteOutcome } from '../workspaces.ts';
import { givenAt } from './given.ts';
import { remarks, screening } from './screening.ts';
import { submitNew } from './submit-new.ts';
import { authorOf, rulesFor, shown, stored, versionOf, type VerbContext } from './verb-context.ts';

export async function create(context: VerbContext, request: CreateRequest): Promise<WriteOutcome> {
  const { account, home, ports } = context;
  const { kind, body, namespace } = request;
  const forbidden = await ports.forbidden(kind, body, request.author);
  if (forbidden !== undefined) {
    const key = { group: kind.group, resource: kind.resource, namespace, name: body.metadata.name ?? '' };
    return { type: 'refused', refusal: { type: 'ActionForbidden', key, message: forbidden }, warnings: [] };
  }
  const key = { group: kind.group, resource: kind.resource, namespace, name: body.metadata.name ?? '' };
  if (givenAt(context, kind, namespace, key.name)) return { type: 'refused', refusal: { type: 'ResourceExists', key }, warnings: [] };
  const uid = ports.newUid();
  const by = authorOf(request.author, ports.now());
  const { random } = ports;
  if (home?.fresh === false) await home.freshen();
  const screened = screening(context, request);
  const intent = {
    ...request,
    screen: screened.screen,
    version: versionOf(kind, request.version),
    rules: rulesFor(context, kind, request.author),
    home: home?.state,
    uid,
    by,
    random,
  };
  let declared: Declared | undefined;
  const decide = (state: typeof account.state) => (declared = declareResource(intent, state)).decision;

  if (request.dryRun) {
    const decision = decide(account.state);
    const said = remarks(declared?.warnings, screened);
    if (decision.type === 'refused') return { type: 'refused', refusal: decision.refusal, ...said };
    const [event] = decision.events;
    if (!event || !('object' in event)) throw new Error('a declared resource has an event');
    return { type: 'committed', object: shown({ uid, position: 0n }, withoutPosition(event.object)), created: true, ...said };
  }
  const outcome = await submitNew(account, { kind, uid }, decide);
  const said = remarks(declared?.warnings, screened);
  if (outcome.type === 'refused') return { ...outcome, ...said };
  const made = lastMade(declared, uid);
  const position = BigInt(made.metadata.resourceVersion ?? 0);
  const record = account.state.findByUid(uid);
  // Others may have revised it, or removed it, since: what is answered is what this write made.
  const isAsMade = record?.position === position;
  return {
    type: 'committed',
    object: isAsMade ? stored(record, kind, request.version) : shown({ uid, position }, inVersion(kind, made, request.version)),
    created: true,
    ...said,
  };
}

/** The object after the last of the events that declared it. */
function lastMade(declared: Declared | undefined, uid: string): KubeObject {
  const events = declared?.decision.type === 'accepted' ? declared.decision.events : [];
  const last = events.findLast((event) => 'object' in event && event.uid === uid);
  if (!last || !('object' in last)) throw new Error('a declared resource has an event');
  return last.object;
}

/** What was only tried has no resourceVersion: clients tell by that. */
function withoutPosition(object: KubeObject): KubeObject {
  const { resourceVersion: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}
