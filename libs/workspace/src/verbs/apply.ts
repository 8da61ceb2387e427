import { applyResource, inVersion, type AppliedResource } from '#account';
import type { KubeObject } from '#kube';
import type { Patch, PatchRequest, Remarks, WriteOutcome } from '../workspaces.ts';
import { assertChangeable } from './readable.ts';
import { remarks, screening } from './screening.ts';
import { submitNew } from './submit-new.ts';
import { authorOf, rulesFor, shown, stored, versionOf, type VerbContext } from './verb-context.ts';

/** Server-side apply: a patch that creates what is not there. */
export async function apply(
  context: VerbContext,
  request: PatchRequest,
  { config, force, duplicates }: Extract<Patch, { type: 'apply' }>,
): Promise<WriteOutcome> {
  const { account, home, ports } = context;
  const { kind, version, namespace, name, fieldValidation, subresource, author, dryRun } = request;
  const key = { group: kind.group, resource: kind.resource, namespace: kind.namespaced ? namespace : '', name };
  assertChangeable(account.state.find(key), account);
  const notGranted = account.state.find(key) ? undefined : request.whyNotCreate?.();
  if (notGranted !== undefined) return { type: 'refused', refusal: { type: 'CreationNotGranted', key, message: notGranted }, warnings: [] };
  const forbidden = account.state.find(key) ? undefined : await ports.forbidden(kind, config, author);
  if (forbidden !== undefined) return { type: 'refused', refusal: { type: 'ActionForbidden', key, message: forbidden }, warnings: [] };
  const { random } = ports;
  const by = authorOf(author, ports.now());
  const uid = ports.newUid();
  const rules = rulesFor(context, kind, author);
  if (home?.fresh === false) await home.freshen();
  const screened = screening(context, request);
  const intent = {
    screen: screened.screen,
    kind,
    version: versionOf(kind, version),
    namespace,
    name,
    fieldValidation,
    subresource,
    rules,
    by,
    config,
    force,
    uid,
    random,
    home: home?.state,
  };
  let applied: AppliedResource | undefined;
  const decide = (state: typeof account.state) => {
    applied = applyResource(intent, state);
    if (applied.decision.type === 'refused' || duplicates === undefined || fieldValidation !== 'Strict') return applied.decision;
    // Upstream looks for fields that stand twice only in what could be applied.
    return { type: 'refused', refusal: { type: 'RequestMalformed', message: `error strict decoding YAML: ${duplicates}` } } as const;
  };
  const submit = () => (account.state.find(key) ? account.submit(decide) : submitNew(account, { kind, uid }, decide));
  const outcome = dryRun ? decide(account.state) : await submit();
  const warnings = [...(applied?.warnings ?? []), ...(duplicates === undefined || fieldValidation !== 'Warn' ? [] : [duplicates])];
  const said = remarks(warnings, screened);
  if (outcome.type === 'refused') return { ...outcome, ...said };
  if (!applied) throw new Error('what was accepted was decided');
  return answered(context, request, applied, said);
}

function answered(
  { account }: VerbContext,
  { kind, version, namespace, name, dryRun }: PatchRequest,
  { object, created }: AppliedResource,
  said: Remarks,
): WriteOutcome {
  const key = { group: kind.group, resource: kind.resource, namespace: kind.namespaced ? namespace : '', name };
  const record = account.state.find(key);
  const made = object ?? record?.object;
  if (!made) throw new Error(`${kind.resource} ${name} vanished while it was applied`);
  const uid = made.metadata.uid ?? '';
  // What was only tried has not moved; where it would have been created, it has no resourceVersion at all.
  const position = dryRun ? (record?.position ?? 0n) : BigInt(made.metadata.resourceVersion ?? 0);
  if (record && !dryRun && record.position === position)
    return { type: 'committed', object: stored(record, kind, version), created, ...said };
  return { type: 'committed', object: shown({ uid, position }, inVersion(kind, at(made, position), version)), created, ...said };
}

function at(object: KubeObject, position: bigint): KubeObject {
  const { resourceVersion: _, ...metadata } = object.metadata;
  return { ...object, metadata: position === 0n ? metadata : { ...metadata, resourceVersion: String(position) } };
}
