import { authorize } from '#access';
import { inVersion, type AccountState, type ObjectRecord, type Refusal, type Screen, type ScreenedWrite } from '#account';
import {
  groupResource,
  readBindingSpec,
  readPolicySpec,
  screen,
  type BoundPolicy,
  type FindParams,
  type JsonObject,
  type KubeObject,
  type RequestedResource,
  type ServedKind,
  type Write,
} from '#kube';
import { inEventsGroup, writtenAs } from '../kinds/event-kinds.ts';
import { isAdmissionKind, validatingAdmissionPolicies, validatingAdmissionPolicyBindings } from '../kinds/admission-kinds.ts';
import type { Author, PatchedShape, Remarks } from '../workspaces.ts';
import type { VerbContext } from './verb-context.ts';

/** What the policies of a workspace have said of one request, when it was last decided. */
export type Screened = {
  readonly screen: Screen | undefined;
  readonly warnings: () => readonly string[];
  /** What policies note in the audit log of the request. */
  readonly auditAnnotations: () => Readonly<Record<string, string>>;
};

type Request = {
  readonly kind: ServedKind;
  readonly askedAs?: ServedKind;
  readonly version: string;
  readonly namespace: string;
  readonly author: Author;
  readonly dryRun: boolean;
  readonly fieldValidation?: string;
  readonly subresource?: string;
  readonly shape?: PatchedShape;
};

const policiesResource = groupResource(validatingAdmissionPolicies);
const bindingsResource = groupResource(validatingAdmissionPolicyBindings);
const nothing: readonly string[] = [];
const noAnnotations = {};
const unscreened: Screened = { screen: undefined, warnings: () => nothing, auditAnnotations: () => noAnnotations };

/**
 * The ValidatingAdmissionPolicies of a workspace, as a question that the account's decision asks: it is answered by the state that
 * the write would change. What the mesh itself writes is not asked about.
 */
export function screening(context: VerbContext, request: Request): Screened {
  if (isAdmissionKind(request.kind)) return unscreened;
  let warnings = nothing;
  let auditAnnotations: Readonly<Record<string, string>> = noAnnotations;
  const judge: Screen = (written, account) => {
    const state = context.home?.state ?? account;
    if (!state.mayHold(bindingsResource) || !state.mayHold(policiesResource)) return undefined;
    const policies = boundPolicies(state);
    if (policies.length === 0) return undefined;
    const found = screen(policies, writeOf(written, { context, request, state }), findParams(context, state));
    warnings = found.warnings;
    auditAnnotations = found.annotations;
    return found.denial && refusalOf(found.denial, written, request);
  };
  return { screen: judge, warnings: () => warnings, auditAnnotations: () => auditAnnotations };
}

/** What a request's outcome says beside itself: the decision's own warnings, then those of policies. */
export function remarks(warnings: readonly string[] = nothing, screened: Screened): Remarks {
  const [more, auditAnnotations] = [screened.warnings(), screened.auditAnnotations()];
  return {
    warnings: more.length === 0 ? warnings : [...warnings, ...more],
    ...(auditAnnotations === noAnnotations ? {} : { auditAnnotations }),
  };
}

function refusalOf(
  denial: { readonly reason: string; readonly message: string },
  { object, old }: ScreenedWrite,
  request: Request,
): Refusal {
  const { kind, namespace } = request;
  const name = (object ?? old)?.metadata.name ?? '';
  return { type: 'PolicyViolated', key: { group: kind.group, resource: kind.resource, namespace, name }, ...denial };
}

type Known = { readonly policies: readonly ObjectRecord[]; readonly bound: readonly BoundPolicy[] };
const knownOf = new WeakMap<readonly ObjectRecord[], Known>();

/** By name. Read once for as long as neither policies nor bindings change. */
function boundPolicies(state: AccountState): readonly BoundPolicy[] {
  const [policies, bindings] = [state.list(policiesResource), state.list(bindingsResource)];
  const known = knownOf.get(bindings);
  if (known?.policies === policies) return known.bound;
  const read = bindings.map(({ name, object }) => ({ name, spec: readBindingSpec(object.spec) }));
  const bound = policies.flatMap(({ name, object }) => {
    const own = read.filter(({ spec }) => spec.policyName === name);
    return own.length > 0 ? [{ name, spec: readPolicySpec(object.spec), bindings: own }] : [];
  });
  knownOf.set(bindings, { policies, bound });
  return bound;
}

type Judging = { readonly context: VerbContext; readonly request: Request; readonly state: AccountState };

function writeOf(written: ScreenedWrite, { context, request, state }: Judging): Write {
  const { kind, askedAs: asked = kind, version, author, dryRun, shape } = request;
  const endpoint = shape?.endpoint;
  const subresource = endpoint?.subresource ?? request.subresource ?? '';
  const shown = (whole: KubeObject | undefined) => (endpoint && whole ? shape?.show(whole) : whole);
  const { operation, name, object, old } = written;
  const isNamespace = kind.group === '' && kind.resource === 'namespaces';
  const rules = context.access.rules;
  return {
    operation,
    requested: requestedAs(asked, version, endpoint),
    equivalents: () =>
      writtenAs(kind).flatMap((other) =>
        other.versions
          .filter(({ name: to, served }) => served && (other !== asked || to !== version))
          .map(({ name: to }) => requestedAs(other, to, endpoint)),
      ),
    subresource,
    namespace: isNamespace ? ((object ?? old)?.metadata.name ?? '') : kind.namespaced ? request.namespace : '',
    name,
    user: { user: author.user, groups: author.groups, uid: author.uid ?? '', extra: author.extra ?? {} },
    dryRun,
    options: optionsOf(operation, request),
    object: shown(object),
    oldObject: shown(old),
    // A Scale is the same by whatever version of its kind it was asked for.
    inVersion: (seen, as) => (endpoint ? seen : as.group === kind.group ? inVersion(kind, seen, as.version) : inEventsGroup(seen)),
    namespaceObject: (home) => state.find({ group: '', resource: 'namespaces', namespace: '', name: home })?.object,
    ask: ({ user, groups }, question) => {
      const answer = authorize({ user, groups, uid: '', extra: {} }, questioned(question), rules);
      return answer.type === 'allowed' ? { allowed: true, reason: answer.reason } : { allowed: false, reason: '' };
    },
  };
}

function requestedAs({ group, resource, kind }: ServedKind, version: string, endpoint: PatchedShape['endpoint']): RequestedResource {
  if (!endpoint) return { group, version, resource, kind };
  return { group, version, resource, kind: endpoint.kind, kindOf: { group: endpoint.group, version: endpoint.version } };
}

type Question = Parameters<Write['ask']>[1];

function questioned(question: Question) {
  if ('nonResourcePath' in question || question.subresource !== '') return question;
  const { subresource: _, ...whole } = question;
  return whole;
}

const optionKinds = { CREATE: 'CreateOptions', UPDATE: 'UpdateOptions', DELETE: 'DeleteOptions' } as const;

function optionsOf(operation: ScreenedWrite['operation'], { dryRun, author, fieldValidation }: Request): JsonObject {
  return {
    kind: optionKinds[operation],
    apiVersion: 'meta.k8s.io/v1',
    ...(dryRun ? { dryRun: ['All'] } : {}),
    ...(operation === 'DELETE' ? {} : { fieldManager: author.fieldManager, ...(fieldValidation ? { fieldValidation } : {}) }),
  };
}

/** Parameters are objects of the same workspace; what is not meant to last is none. */
function findParams({ served }: VerbContext, state: AccountState): FindParams {
  return (apiVersion, kindName) => {
    const slash = apiVersion.indexOf('/');
    const [group, version] = slash < 0 ? ['', apiVersion] : [apiVersion.slice(0, slash), apiVersion.slice(slash + 1)];
    const kind = served().find(
      (known) =>
        known.kind === kindName &&
        known.group === group &&
        known.source.type !== 'computed' &&
        !known.ephemeral &&
        known.versions.some(({ name }) => name === version),
    );
    if (!kind) return undefined;
    const objects = (): readonly KubeObject[] => state.list(groupResource(kind)).map(({ object }) => inVersion(kind, object, version));
    return { namespaced: kind.namespaced, objects };
  };
}
