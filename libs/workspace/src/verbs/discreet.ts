import { markedValues, type AccountState, type Refusal } from '#account';
import { secretFieldsOf, type FieldPattern, type KubeObject, type ServedKind } from '#kube';
import type { CreateRequest, DeleteOutcome, DeleteRequest, Patch, PatchRequest, UpdateRequest, WriteOutcome } from '../workspaces.ts';

type Request = CreateRequest | UpdateRequest | PatchRequest | DeleteRequest;

/**
 * The outcome of a write without the values of fields that the kind's schema marks as secret: messages of schemas, rules and policies
 * repeat what they complain of, and end up in logs. `state` holds the object as it is. Kinds without such fields pay for one look.
 */
export function discreet<Outcome extends WriteOutcome | DeleteOutcome>(request: Request, outcome: Outcome, state: AccountState): Outcome {
  const fields = secretFieldsOf(request.kind);
  if (fields.length === 0) return outcome;
  const isQuiet = outcome.type !== 'refused' && (outcome.warnings ?? []).length === 0 && outcome.auditAnnotations === undefined;
  if (isQuiet) return outcome;
  const hide = hiding(secretsOf(request, fields, state));
  const { warnings, auditAnnotations } = outcome;
  return {
    ...outcome,
    ...(outcome.type === 'refused' ? { refusal: quiet(outcome.refusal, hide) } : {}),
    ...(warnings ? { warnings: warnings.map(hide) } : {}),
    ...(auditAnnotations
      ? { auditAnnotations: Object.fromEntries(Object.entries(auditAnnotations).map(([key, text]) => [key, hide(text)])) }
      : {}),
  };
}

function quiet(refusal: Refusal, hide: (text: string) => string): Refusal {
  return {
    ...refusal,
    ...('message' in refusal ? { message: hide(refusal.message) } : {}),
    ...('reason' in refusal ? { reason: hide(refusal.reason) } : {}),
    ...('causes' in refusal ? { causes: refusal.causes.map((cause) => ({ ...cause, message: hide(cause.message) })) } : {}),
  };
}

function secretsOf(request: Request, fields: readonly FieldPattern[], state: AccountState): ReadonlySet<string> {
  const secrets = new Set<string>();
  for (const object of objectsOf(request, state)) for (const [, value] of markedValues(object, fields)) addTexts(value, secrets);
  // Where the value of an operation would come to stand is not known before it is done.
  if ('patch' in request && request.patch.type === 'json')
    for (const { path, value } of operationsIn(request.patch.operations))
      if (fields.some(([first]) => String(path).split('/')[1] === first)) addTexts(value, secrets);
  return secrets;
}

/** Untrusted. */
function operationsIn(operations: unknown): readonly { readonly path?: unknown; readonly value?: unknown }[] {
  return Array.isArray(operations) ? operations.filter((operation) => typeof operation === 'object' && operation !== null) : [];
}

function objectsOf(request: Request, state: AccountState): readonly KubeObject[] {
  const { kind, namespace } = request;
  const sent = 'body' in request ? [request.body] : 'patch' in request ? objectsIn(request.patch) : [];
  const name = 'name' in request ? request.name : '';
  const present = state.find(keyOf(kind, namespace, name));
  return present ? [...sent, present.object] : sent;
}

const keyOf = ({ group, resource, namespaced }: ServedKind, namespace: string, name: string) => ({
  group,
  resource,
  namespace: namespaced ? namespace : '',
  name,
});

function objectsIn(patch: Patch): readonly KubeObject[] {
  switch (patch.type) {
    case 'apply':
      return [patch.config];
    case 'merge':
    case 'strategic':
      return [patch.patch as unknown as KubeObject];
    case 'json':
      return [];
  }
}

/** All that a value says: what is of the wrong type may say it in the names of its fields. */
function addTexts(value: unknown, texts: Set<string>): void {
  if (typeof value === 'string') texts.add(value);
  else if (typeof value === 'number' || typeof value === 'bigint') texts.add(String(value));
  else if (typeof value === 'object' && value !== null)
    for (const [name, inside] of Object.entries(value)) {
      if (!Array.isArray(value)) texts.add(name);
      addTexts(inside, texts);
    }
}

const hidden = '(hidden)';
/** Shorter ones are hidden only where they stand in quotes: they would be found in any sentence. */
const wordLengthMin = 4;

type Form = { readonly text: string; readonly instead: string };

function hiding(secrets: ReadonlySet<string>): (text: string) => string {
  // The longest first: one may be part of another. Messages show texts as they are, or quoted, with escapes.
  const forms = [...secrets]
    .filter((secret) => secret !== '')
    .toSorted((a, b) => b.length - a.length)
    .flatMap((secret): readonly Form[] => {
      const quoted = JSON.stringify(secret);
      if (secret.length < wordLengthMin) return [{ text: quoted, instead: `"${hidden}"` }];
      return [quoted.slice(1, -1), secret].map((text) => ({ text, instead: hidden }));
    });
  return (message) => forms.reduce((rest, { text, instead }) => rest.replaceAll(text, () => instead), message);
}
